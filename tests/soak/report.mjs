// The figures of a run, in Markdown.

const HEAD = [
  "Soak",
  "done",
  "KiB of wasm memory after the first repetition",
  "after the last",
  "limiters left",
  "requests left",
];

export function row({ NAME }, { played, rests }) {
  const last = rests.at(-1);
  const done = Object.entries(played).map(([what, times]) => `${times} ${what}`);
  return [NAME, done.join(", "), kibibytes(rests[0]), kibibytes(last), last.limiters, last.exchanges];
}

export function table(rows) {
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function kibibytes({ memory }) {
  return memory / 1_024;
}
