// Changes lines of a wrangler.toml, and keeps all others, comments and line ends among them.

import { BadUsage } from "../usage.mjs";

/** A value on one line, and what may stand behind it. */
const VALUE = String.raw`("(?:[^"\\]|\\.)*"|'[^']*'|[\w.+-]+)[ \t]*(#.*)?$`;

/**
 * Sets a variable under [vars], or comments it out if the value is null.
 *
 * @param {string} text
 * @param {string} name
 * @param {string | null} value
 */
export function setVar(text, name, value) {
  const { lines, ends } = split(text);
  const start = lines.findIndex((line) => /^\s*\[vars\]\s*(#.*)?$/.test(line));
  if (start < 0) throw new BadUsage("wrangler.toml has no section [vars]. Add that line at its end.");
  const next = lines.findIndex((line, index) => index > start && /^\s*\[/.test(line));
  const end = next < 0 ? lines.length : next;
  const within = (/** @type {RegExp} */ form) =>
    lines.findIndex((line, index) => index > start && index < end && form.test(line));
  const there = within(new RegExp(`^\\s*${name}\\s*=`));
  if (value === null) {
    if (there >= 0) lines[there] = `# ${lines[there]}`;
    return join(lines, ends);
  }
  const line = `${name} = ${JSON.stringify(value)}`;
  if (there >= 0) {
    const match = lines[there].match(new RegExp(`^\\s*${name}\\s*=\\s*${VALUE}`));
    if (match === null) throw new BadUsage(`${name} in wrangler.toml is not on one line. Change it by hand.`);
    lines[there] = withComment(line, match[2]);
    return join(lines, ends);
  }
  const example = within(new RegExp(`^#\\s*${name}\\s*=\\s*${VALUE}`));
  if (example >= 0) {
    lines[example] = withComment(line, lines[example].match(new RegExp(`^#\\s*${name}\\s*=\\s*${VALUE}`))?.[2]);
    return join(lines, ends);
  }
  let last = end;
  while (lines[last - 1].trim() === "") last -= 1;
  lines.splice(last, 0, line);
  ends.splice(last, 0, ends[0] ?? "\n");
  return join(lines, ends);
}

/**
 * Each line may have an end of its own. Editors on Windows write others than git does.
 *
 * @param {string} text
 */
function split(text) {
  const parts = text.split(/(\r?\n)/);
  return { lines: parts.filter((_, index) => index % 2 === 0), ends: parts.filter((_, index) => index % 2 === 1) };
}

/**
 * @param {string[]} lines
 * @param {string[]} ends
 */
function join(lines, ends) {
  return lines.map((line, index) => line + (ends[index] ?? "")).join("");
}

/**
 * @param {string} line
 * @param {string | undefined} comment
 */
function withComment(line, comment) {
  return comment ? `${line}    ${comment}` : line;
}

const ROUTES =
  /^# ?(routes = \[\{ pattern = ")[^"]*(", custom_domain = true \}\])$|^(routes = \[\{ pattern = ")[^"]*(", custom_domain = true \}\])$/m;
const WORKERS_DEV = /^#? ?workers_dev = (?:true|false)$/m;

/**
 * Serves the worker from a domain alone, or from its workers.dev address if the domain is null.
 *
 * @param {string} text
 * @param {string | null} domain
 */
export function setDomain(text, domain) {
  if (!ROUTES.test(text) || !WORKERS_DEV.test(text)) {
    throw new BadUsage("The lines routes and workers_dev in wrangler.toml are not as they came. Change them by hand.");
  }
  if (domain === null) {
    return text
      .replace(ROUTES, (line) => (line.startsWith("#") ? line : `# ${line}`))
      .replace(WORKERS_DEV, "# workers_dev = false");
  }
  return text
    .replace(ROUTES, `routes = [{ pattern = "${domain}", custom_domain = true }]`)
    .replace(WORKERS_DEV, "workers_dev = false");
}

const PLACEMENT = /^#? ?placement = \{[^}\n]*\}$/m;

/**
 * Has the worker run in a region, or near each shopper if the region is null.
 *
 * @param {string} text
 * @param {string | null} region
 */
export function setRegion(text, region) {
  if (!PLACEMENT.test(text))
    throw new BadUsage("The line placement in wrangler.toml is not as it came. Change it by hand.");
  if (region === null) return text.replace(PLACEMENT, (line) => (line.startsWith("#") ? line : `# ${line}`));
  const key = region === "smart" ? "mode" : "region";
  return text.replace(PLACEMENT, `placement = { ${key} = "${region}" }`);
}
