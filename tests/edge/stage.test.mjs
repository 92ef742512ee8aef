// What `npm start` runs behind the shop: the simulator and `wrangler dev`, and how they are exchanged for another pair.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { suite, test } from "node:test";

import { PortTaken, Stage } from "../../scripts/stage.mjs";
import { freePort } from "./support/storefront.mjs";
import { ORIGIN, PATH, eventually } from "./support/world.mjs";

/** It is told from the processes of this machine whether any is left. */
const skip = process.platform === "linux" ? false : "only Linux lists processes under /proc";

suite("the stage of npm start", { skip }, () => {
  test("takes another assistant at the same address, and leaves no process behind", async (t) => {
    const workerPort = await freePort();
    let failures = 0;
    const options = { name: "sales-associate", page: ORIGIN, workerPort };
    const stage = new Stage({ ...options, onFailure: () => (failures += 1) });
    t.after(() => stage.close());
    const before = new Set(descendants());
    const offers = async () => {
      const response = await fetch(`http://localhost:${workerPort}/v1/concierge/capabilities`);
      return /** @type {any} */ (await response.json()).assistant;
    };

    await stage.open();
    const first = descendants().filter((pid) => !before.has(pid));
    assert.ok(first.length >= 2, "the simulator and the worker");
    assert.deepEqual([stage.isReady, await offers()], [true, "sales-associate"]);
    const [simulator] = [stage.simulator];
    const authorization = `Bearer ${stage.adminToken}`;
    const usage = await fetch(`http://localhost:${workerPort}/admin/usage`, { headers: { authorization } });
    assert.equal(usage.status, 200, "the admin token that is printed");

    const switched = stage.switchTo("homie");
    assert.equal(stage.isReady, false);
    await switched;
    assert.deepEqual([stage.isReady, stage.name, await offers()], [true, "homie", "homie"]);
    assert.notEqual(stage.simulator, simulator);
    await eventually(() => !first.some(isAlive), "the end of the first pair");
    const chat = await fetch(`http://localhost:${workerPort}${PATH}`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ prompt: "A hat" }),
    });
    assert.equal(chat.status, 200);

    const second = descendants().filter((pid) => !before.has(pid));
    await stage.close();
    await eventually(() => !second.some(isAlive), "the end of the second pair");
    assert.equal(failures, 0, "what is stopped has not failed");
  });

  test("tells whoever gave the port that another program has it, and leaves no process behind", async (t) => {
    const before = new Set(descendants());
    const workerPort = await freePort();
    const other = createServer().listen(workerPort, "127.0.0.1");
    t.after(() => other.close());
    await once(other, "listening");
    let failures = 0;
    const options = { name: "homie", page: ORIGIN, workerPort };
    const stage = new Stage({ ...options, onFailure: () => (failures += 1) });
    t.after(() => stage.close());
    await assert.rejects(
      () => stage.open(),
      (error) => error instanceof PortTaken && error.port === workerPort,
    );
    await stage.close();
    await eventually(() => descendants().every((pid) => before.has(pid)), "the end of what was started");
    assert.equal(failures, 0);
  });

  test("tells when a program ends by itself", async (t) => {
    const before = new Set(descendants());
    /** @type {PromiseWithResolvers<void>} */
    const { promise, resolve } = Promise.withResolvers();
    const stage = new Stage({ name: "homie", page: ORIGIN, workerPort: await freePort(), onFailure: resolve });
    t.after(() => stage.close());
    await stage.open();
    const [simulator] = descendants().filter((pid) => !before.has(pid) && nameOf(pid) === "simulator");
    process.kill(simulator, "SIGKILL");
    await promise;
  });
});

/** The processes below this one. */
function descendants() {
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))]),
  );
  const isBelow = (pid) => pid !== undefined && (pid === process.pid || isBelow(parents.get(pid)));
  return [...parents.keys()].filter((pid) => pid !== process.pid && isBelow(pid));
}

function isAlive(pid) {
  return parentOf(pid) !== undefined;
}

/** Undefined if it has ended. */
function parentOf(pid) {
  const [, state, parent] = statOf(pid).match(/\) (\w) (\d+)/) ?? [];
  return state && state !== "Z" ? Number(parent) : undefined;
}

function nameOf(pid) {
  return statOf(pid).match(/\((.*)\)/)?.[1];
}

function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
