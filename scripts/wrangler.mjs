// `npm run wrangler -- …`: wrangler with these arguments, under a Node that is new enough for it. The
// build that wrangler.toml names sets up Rust where there is something to build.

import { setUpNode } from "./setup.mjs";
import { main, runInstead } from "./steps.mjs";

await main(async () => {
  // Standard output is wrangler's.
  console.log = console.error;
  await setUpNode();
  await runInstead("wrangler", process.argv.slice(2));
});
