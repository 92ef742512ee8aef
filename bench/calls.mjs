// `npm run calls`: how often the wasm calls JavaScript for one chat, in the worker and in the object.

import { build, cargo } from "../scripts/build.mjs";
import { setUp } from "../scripts/setup.mjs";
import { main, say } from "../scripts/steps.mjs";

await main(async () => {
  await setUp();
  await Promise.all([build(), cargo("build", "--package", "simulator")]);
  // Only now are the packages sure to be there.
  const { countCalls } = await import("./counting.mjs");
  for (const [kind, { worker, object }] of Object.entries(await countCalls())) {
    say(`calls from wasm to JavaScript, a chat that is ${kind}: ${worker} in the worker, ${object} in the object`);
  }
});
