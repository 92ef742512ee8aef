// The doctor sees each fault on the way to a worker, and says what to do.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { FROM, isChat, lookHere } from "./support/doctor.mjs";
import { newToken } from "./support/merchant.mjs";
import { Meddler } from "./support/meddler.mjs";
import { ORIGIN, openWorld } from "./support/world.mjs";

const isPreflight = ({ method }) => method === "OPTIONS";

/**
 * Faults on the way, each with what the doctor has to say.
 *
 * @type {[what: string, change: import("./support/meddler.mjs").Change, check: string, says: RegExp, args?: string[]][]}
 */
const FAULTS = [
  [
    "a page where the worker should be",
    (answer) => Object.assign(answer, { status: 200, headers: new Headers(), body: "<h1>Parked</h1>" }),
    "reachable",
    /Something else answers/,
  ],
  [
    "Cloudflare's own error",
    (answer) => Object.assign(answer, { status: 530, headers: new Headers(), body: "error code: 1016" }),
    "reachable",
    /status 530/,
  ],
  [
    "a preflight that allows another origin",
    (answer, request) => isPreflight(request) && answer.headers.set("access-control-allow-origin", "https://a.example"),
    "origin",
    /Access-Control-Allow-Origin is another/,
  ],
  [
    "a preflight without the headers that pages send",
    (answer, request) => isPreflight(request) && answer.headers.set("access-control-allow-headers", "Content-Type"),
    "origin",
    /shopper-pass is not allowed/,
  ],
  [
    "a preflight without POST",
    (answer, request) => isPreflight(request) && answer.headers.set("access-control-allow-methods", "GET"),
    "origin",
    /POST is not allowed/,
  ],
  [
    "a preflight that is an error",
    (answer, request) => isPreflight(request) && request.origin === ORIGIN && Object.assign(answer, { status: 502 }),
    "origin",
    /status 502/,
  ],
  [
    "refusals that a page cannot read",
    (answer, request) => isChat(request) && answer.headers.delete("access-control-allow-origin"),
    "errors",
    /cannot read why it is refused/,
  ],
  [
    "headers that are hidden from a page",
    (answer, request) => isChat(request) && answer.headers.set("access-control-expose-headers", "X-Request-Id, Allow"),
    "errors",
    /cannot read retry-after, shopper-pass/,
  ],
  [
    "refusals that were changed",
    (answer, request) => isChat(request) && Object.assign(answer, { status: 503, body: "busy" }),
    "errors",
    /answered by 503/,
  ],
  [
    "headers that let everybody read",
    (answer) => answer.headers.set("access-control-allow-origin", "*"),
    "strangers",
    /can read the answers/,
  ],
  [
    "a stranger who is not refused",
    (answer, request) => isChat(request) && request.origin !== ORIGIN && Object.assign(answer, { status: 400 }),
    "strangers",
    /is not refused/,
  ],
  [
    "a widget that is not there",
    (answer, { path }) => path.includes("concierge-panel") && Object.assign(answer, { status: 404 }),
    "widget",
    /concierge-panel-[A-Z0-9]+\.js has the status 404/,
  ],
  [
    "a widget that an isolated page may not load",
    (answer, { path }) => path.endsWith(".js") && answer.headers.delete("cross-origin-resource-policy"),
    "widget",
    /isolated page/,
  ],
  [
    "a widget that no other site may load",
    (answer, { path }) => path === "/concierge.js" && answer.headers.delete("access-control-allow-origin"),
    "widget",
    /another site may not load \/concierge\.js/,
  ],
  [
    "a widget that is no script",
    (answer, { path }) => path === "/concierge.js" && answer.headers.set("content-type", "text/plain"),
    "widget",
    /not served as a script/,
  ],
  [
    "a widget that stays old",
    (answer, { path }) => path === "/concierge.js" && answer.headers.set("cache-control", "max-age=604800"),
    "widget",
    /keep an old \/concierge\.js/,
  ],
  [
    "a widget that is loaded each time",
    (answer, { path }) => path.includes("concierge-panel") && answer.headers.set("cache-control", "no-cache"),
    "widget",
    /again and again/,
  ],
  [
    "figures that everybody can see",
    (answer, { path }) => path.startsWith("/admin/") && Object.assign(answer, { status: 200, body: "{}" }),
    "admin",
    /answered by 200/,
  ],
  [
    "a password that is not the worker's",
    (answer, { path }) => path.startsWith("/admin/") && Object.assign(answer, { status: 401, body: "Who are you?" }),
    "admin",
    /answered by 401/,
  ],
  [
    "an admin page that is not there",
    (answer, { path }) => path === "/admin" && Object.assign(answer, { status: 404 }),
    "admin",
    /page has the status 404/,
  ],
  [
    "an admin page that is no HTML",
    (answer, { path }) => path === "/admin" && answer.headers.set("content-type", "text/plain"),
    "admin",
    /not served as HTML/,
  ],
  [
    "an admin page that another site can frame",
    (answer, { path }) =>
      path === "/admin" && answer.headers.set("content-security-policy", "default-src 'none'; frame-ancestors *"),
    "admin",
    /into a frame/,
  ],
  [
    "an admin page without its script",
    (answer, { path }) => /^\/admin-\w+\.js$/.test(path) && Object.assign(answer, { status: 404 }),
    "admin",
    /script has the status 404/,
  ],
  [
    "an admin page without its style sheet",
    (answer, { path }) => /^\/admin-\w+\.css$/.test(path) && Object.assign(answer, { status: 404 }),
    "admin",
    /style sheet has the status 404/,
  ],
  [
    "an admin page that names no script",
    (answer, { path }) => path === "/admin" && Object.assign(answer, { body: answer.body.replace("<script", "<p") }),
    "admin",
    /names no script/,
  ],
  [
    "capabilities that are not there",
    (answer, { path }) => path.endsWith("/capabilities") && Object.assign(answer, { status: 404, body: "{}" }),
    "assistant",
    /answered by 404/,
  ],
];

/**
 * What is not wrong in itself.
 *
 * @type {typeof FAULTS}
 */
const WARNINGS = [
  [
    "limits that refuse nobody",
    (answer, { path }) => path === "/healthz" && Object.assign(answer, { body: '{"status":"ok","limits":"dry_run"}' }),
    "limits",
    /only tried out/,
  ],
  [
    "a clock that is five minutes off",
    (answer) => answer.headers.set("date", new Date(Date.now() - 300_000).toUTCString()),
    "clock",
    /(299|300|301) s apart/,
  ],
  [
    "another version",
    (answer, { path }) => path === "/concierge.js" && Object.assign(answer, { body: `${answer.body}//` }),
    "version",
    /another version/,
  ],
  [
    "another assistant",
    (answer, { path }) =>
      path.endsWith("/capabilities") && Object.assign(answer, { body: '{"assistant":"homie","history":true}' }),
    "assistant",
    /homie answers, with history/,
  ],
  [
    "a limiter that is far away",
    (answer, request) => isChat(request) && answer.headers.set("server-timing", "limiter;dur=400, total;dur=900"),
    "limiter",
    /answers in 400 ms/,
    [...FROM, "--spend"],
  ],
  [
    "an assistant that is slow",
    (answer, request) => isChat(request) && answer.headers.set("server-timing", "upstream;dur=20000, total;dur=20100"),
    "latency",
    /assistant 20000, limiter 0, worker 100/,
    [...FROM, "--spend"],
  ],
];

suite("the doctor, before a worker whose answers are changed on the way", () => {
  let world;
  let meddler;
  before(async () => {
    world = await openWorld({ vars: { ADMIN_TOKEN: newToken() } });
    meddler = await Meddler.listen(world.url);
  });
  after(async () => {
    await meddler.close();
    await world.close();
  });

  for (const [what, change, check, says, args] of FAULTS) {
    test(`sees ${what}`, async () => {
      meddler.change = change;
      const { isWell, of } = await lookHere(meddler.url, args);
      assert.ok(!isWell);
      const found = of(check).find(({ verdict }) => verdict === "wrong");
      assert.match(found?.text ?? "", says);
      assert.ok(found?.todo);
    });
  }

  for (const [what, change, check, says, args] of WARNINGS) {
    test(`warns of ${what}`, async () => {
      meddler.change = change;
      const { isWell, of } = await lookHere(meddler.url, args);
      assert.ok(isWell);
      assert.equal(of(check)[0].verdict, "warning");
      assert.match(of(check)[0].text, says);
      assert.ok(of(check)[0].todo);
    });
  }

  test("sees each header that the worker shows to pages, if it is hidden", async () => {
    const response = await world.caller().chat({ prompt: "" });
    const shown = response.headers.get("access-control-expose-headers").split(", ");
    assert.ok(shown.includes("X-RateLimit-Dry-Run"));
    for (const name of shown) {
      const others = shown.filter((other) => other !== name).join(", ");
      meddler.change = (answer, request) =>
        isChat(request) && answer.headers.set("access-control-expose-headers", others);
      const { isWell, of } = await lookHere(meddler.url);
      assert.ok(!isWell, name);
      assert.ok(of("errors")[0].text.endsWith(` cannot read ${name.toLowerCase()}.`), of("errors")[0].text);
    }
  });
});
