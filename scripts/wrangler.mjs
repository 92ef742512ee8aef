// `npm run wrangler -- …`: runs wrangler with these arguments, under a Node that is new enough for it.
// If wrangler builds the worker, the build command in wrangler.toml sets up Rust.

import { setUpNode } from "./setup.mjs";
import { main, runInstead } from "./steps.mjs";

await main(async () => {
  // Keep standard output for wrangler.
  console.log = console.error;
  await setUpNode();
  await runInstead("wrangler", process.argv.slice(2));
});
