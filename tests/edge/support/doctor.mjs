// The doctor, as a program and within a test.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";

import { examine } from "../../../tools/doctor/examine.mjs";
import { isHealthy } from "../../../tools/doctor/finding.mjs";
import { readUsage } from "../../../tools/doctor/usage.mjs";
import { runTool } from "./tools.mjs";
import { ORIGIN, PATH } from "./world.mjs";

/** @import { Usage } from "../../../tools/doctor/usage.mjs" */

export const FROM = ["--origin", ORIGIN];

/** Whether it is a chat that passes a meddler. */
export const isChat = ({ path, method }) => path === PATH && method === "POST";

/** Has the doctor look: its exit code, and its findings as it would hand them to a program. */
export async function look(folder, url, args = FROM, env = {}) {
  const { code, stdout, stderr } = await runTool(folder, "doctor", [url, "--json", ...args], { env });
  assert.ok(code === 0 || code === 1, stderr);
  const { findings, healthy } = JSON.parse(stdout);
  assert.equal(code, healthy ? 0 : 1);
  const of = (check) => findings.filter((finding) => finding.check === check);
  return { code, stdout, stderr, findings, of, wrong: findings.filter(({ verdict }) => verdict === "wrong") };
}

/** Looks from within the test, which is quicker than a program of its own. */
export async function lookHere(url, args = FROM) {
  const findings = await examine(/** @type {Usage} */ (readUsage([url, ...args])));
  return { isWell: isHealthy(findings), of: (check) => findings.filter((finding) => finding.check === check) };
}

/** An address where nothing listens. */
export async function freeAddress() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return `http://127.0.0.1:${port}`;
}
