// The client that docs/api.md offers for copying does what it says, and the commands in the documents are there.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { PATH, ROOT, openWorld } from "./support/world.mjs";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
/** With what it leads to. */
const DOCUMENTS = [
  README,
  readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8"),
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => readFileSync(join(ROOT, "docs", name), "utf8")),
].join("\n");
const SNIPPET =
  readFileSync(join(ROOT, "docs", "api.md"), "utf8").match(/```js\n(async function askConcierge[\s\S]*?)```/)?.[1] ??
  "";

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
    const second = await ask("Under $200");
    assert.equal(second.session_id, first.session_id);
    assert.equal(sessionStorage.getItem("concierge-session"), first.session_id);
    assert.equal(localStorage.getItem("concierge-pass"), pass);
    assert.ok(world.lines().some(({ outcome }) => outcome === "rate_limited"));
  });

  test("tells a refusal by its code and its request id", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    await assert.rejects(openPage(world).ask(" "), /^Error: missing_prompt: .+ \([0-9a-f-]{36}\)$/);
  });
});

suite("the commands in README.md", () => {
  test("are there, and each of wrangler's runs under a Node that is new enough", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const named = [...DOCUMENTS.matchAll(/\bnpm (?:run ([a-z]+)|(start|test)\b)/g)].map(
      ([, run, short]) => run ?? short,
    );
    assert.deepEqual([...new Set(named)].sort(), Object.keys(scripts).sort());
    // npx takes the reader's own Node, whatever it is.
    assert.equal(DOCUMENTS.match(/npx wrangler [a-z]/), null);
    assert.ok([...DOCUMENTS.matchAll(/npm run wrangler -- [a-z]/g)].length >= 8);
  });
});
