// `npm run setup` and `npm run doctor`: run a tool of tools/, which a release has, too. Only the wizard needs a built worker.

import { join } from "node:path";

import { bundle } from "./bundle.mjs";
import { setUp, setUpNode } from "./setup.mjs";
import { ROOT, main, runInstead } from "./steps.mjs";

await main(async () => {
  const [, , tool, ...args] = process.argv;
  if (tool === "setup") {
    await setUp();
    await bundle();
  } else {
    await setUpNode();
  }
  await runInstead("node", [join(ROOT, "tools", `${tool}.mjs`), ...args]);
});
