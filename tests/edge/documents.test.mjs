// The client that docs/api.md offers for copying does what it says. The README leads to every document, and every setting has its
// place in one of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { SECRETS } from "../../tools/folder.mjs";
import { DOCUMENTS } from "./support/documents.mjs";
import { PATH, ROOT, openWorld } from "./support/world.mjs";

const read = (/** @type {string} */ name) => readFileSync(join(ROOT, name), "utf8");

const SNIPPET = read("docs/api.md").match(/```js\n(async function askConcierge[\s\S]*?)```/)?.[1] ?? "";

/** A page of its own that has the snippet: its storage, and how to ask. */
function openPage(world) {
  const caller = world.caller();
  const storage = () => {
    const items = new Map();
    return { getItem: (name) => items.get(name) ?? null, setItem: (name, value) => items.set(name, value) };
  };
  const localStorage = storage();
  const sessionStorage = storage();
  const fetchAsPage = (url, { method, headers, body }) => {
    assert.equal(new URL(url).pathname, PATH);
    return caller.send(method, PATH, { headers, body });
  };
  const ask = new Function("fetch", "localStorage", "sessionStorage", `${SNIPPET}; return askConcierge;`)(
    fetchAsPage,
    localStorage,
    sessionStorage,
  );
  return { ask, localStorage, sessionStorage };
}

suite("the client in docs/api.md", () => {
  test("is at most 20 lines, keeps the pass and the conversation, and waits out a 429", async (t) => {
    assert.ok(SNIPPET.trim().split("\n").length <= 20);
    const world = await openWorld({ vars: { SHOPPER_LIMITS: "1/second" } });
    t.after(() => world.close());
    const { ask, localStorage, sessionStorage } = openPage(world);
    const first = await ask("A scarf for my mother, around $250");
    const pass = localStorage.getItem("concierge-pass");
    assert.ok(pass);
    let second;
    const isLimited = () => world.lines().some(({ outcome }) => outcome === "rate_limited");
    // On a busy machine, the second may be over before the next question.
    for (let chat = 0; chat < 10 && !isLimited(); chat += 1) second = await ask("Under $200");
    assert.equal(second.session_id, first.session_id);
    assert.equal(sessionStorage.getItem("concierge-session"), first.session_id);
    assert.equal(localStorage.getItem("concierge-pass"), pass);
    assert.ok(isLimited());
  });

  test("tells a refusal by its code and its request id", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    await assert.rejects(openPage(world).ask(" "), /^Error: missing_prompt: .+ \([0-9a-f-]{36}\)$/);
  });
});

suite("the documents", () => {
  test("are each one step from the README", () => {
    const linked = new Set([...read("README.md").matchAll(/\]\(([^)#]+)/g)].map(([, path]) => path));
    const others = [...DOCUMENTS.keys()].filter((name) => name !== "README.md" && !name.startsWith("scripts/"));
    assert.deepEqual(
      [...others, "ARCHITECTURE.md", "CHANGELOG.md"].filter((name) => !linked.has(name)),
      [],
      "name them under “Where to go on”",
    );
  });

  test("have every setting in docs/settings.md, and the secrets as such", () => {
    const rows = read("docs/settings.md").match(/^\| `.*/gm) ?? [];
    const names = [...read("src/settings.rs").matchAll(/=> "([A-Z_]+)"/g)].map(([, name]) => name);
    assert.ok(names.length > 30);
    for (const name of names) {
      const found = rows.filter((row) => row.split(" | ")[0].includes(`\`${name}\``));
      assert.equal(found.length, 1, `${name} is in one row`);
      const [, kind] = found[0].split(" | ");
      if (SECRETS.includes(name)) assert.match(kind, /secret/, name);
      else assert.doesNotMatch(kind, /^secrets?$/, name);
    }
  });
});
