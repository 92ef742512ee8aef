// `npm run format`: formats the Rust and the JavaScript.

import { setUp } from "./setup.mjs";
import { main, run, say } from "./steps.mjs";

await main(async () => {
  await setUp();
  say("Formatting the Rust and the JavaScript");
  await run("cargo", ["fmt", "--all"], { help: "Run `rustup component add rustfmt` if it is missing." });
  await run("biome", ["format", "--write", "."], { help: "Fix the syntax error above." });
});
