// `npm run doctor -- URL`: looks at a running worker as a browser in the shop would, and says what is right and what to do.

import { examine } from "./doctor/examine.mjs";
import { isHealthy } from "./doctor/finding.mjs";
import { HELP, readUsage } from "./doctor/usage.mjs";
import { print } from "./doctor/report.mjs";
import { Failed } from "./failed.mjs";
import { BadUsage } from "./usage.mjs";

try {
  const usage = readUsage(process.argv.slice(2));
  if (usage === "help") {
    console.log(HELP);
  } else {
    const findings = await examine(usage);
    if (usage.json)
      console.log(JSON.stringify({ url: usage.url.origin, healthy: isHealthy(findings), findings }, null, 2));
    else print(usage.url, findings);
    process.exitCode = isHealthy(findings) ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof BadUsage || error instanceof Failed)) throw error;
  console.error(error instanceof BadUsage ? `${error.message}\n\n${HELP}` : error.message);
  process.exitCode = 2;
}
