// Every alert of the documents exists, and none is missing there.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Merchant, newToken, passMidnight } from "./support/merchant.mjs";
import { ROOT, openWorld } from "./support/world.mjs";

const ALERTS = readFileSync(join(ROOT, "docs/alerts.md"), "utf8");

/** What the Rust says, all of it. */
function sources() {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  return files.filter((name) => name.endsWith(".rs")).map((name) => readFileSync(join(ROOT, "src", name), "utf8"));
}

test("the table has every notice that has a line of its own", () => {
  const written = sources().flatMap((text) => [...text.matchAll(/\\?"notice\\?":\\?"(\w+)/g)].map(([, name]) => name));
  assert.ok(written.length > 4);
  for (const name of written) assert.ok(ALERTS.includes(`\`${name}\``), `${name} is not in docs/alerts.md`);
});

test("what the table says of a request's line is what such a line says", async () => {
  const world = await openWorld({ vars: { NETWORK_LIMITS: "0/minute" } });
  try {
    const response = await world.caller().chat({ prompt: "hat" });
    assert.equal((await world.lineOf(response)).notice, "misconfigured_proxy");
  } finally {
    await world.close();
  }
});

test("the rules for Prometheus ask for metrics that are there", async () => {
  await passMidnight();
  const token = newToken();
  const world = await openWorld({ vars: { ADMIN_TOKEN: token } });
  try {
    await world.meet("quota:400");
    const merchant = new Merchant(world, token);
    await merchant.usage(({ chats }) => chats.total > 0);
    const text = await (await merchant.get("/metrics")).text();
    const named = ALERTS.match(/concierge_[a-z_]+/g) ?? [];
    assert.ok(named.length > 6);
    const typed = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
    for (const name of named) assert.ok(typed.includes(name.replace(/_bucket$/, "")), `${name} is no metric`);
  } finally {
    await world.close();
  }
});
