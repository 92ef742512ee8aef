// The page at /admin: shows what the worker does, and keeps it up to date.

import { say } from "./announce.ts";
import { ask, type Answer, type Trouble } from "./api.ts";
import { showBlocks, startBlocks } from "./blocks.ts";
import { showChart, startChart } from "./chart.ts";
import { dialog, startConfirm } from "./confirm.ts";
import { find, put, show } from "./dom.ts";
import { showFigures } from "./figures.ts";
import { duration, relative } from "./format.ts";
import { showReasons } from "./reasons.ts";
import { Schedule } from "./schedule.ts";
import { askForToken, current, forget, startSession } from "./session.ts";
import { showStore } from "./store.ts";
import { showTables } from "./tables.ts";
import { set, tick } from "./times.ts";
import { explain } from "./trouble.ts";
import { RANGES, readUsage, type Range } from "./usage.ts";

/** After so many seconds, the figures are asked for again. */
const EVERY: Record<Range, number> = { hour: 15, day: 15, month: 300 };
/** The same after a failure. */
const AGAIN = 15;

/** A lift is known to the worker's figures after five seconds at most. */
const COUNTED = 6;

/** When the figures were read, by this machine's clock, and what is wrong since. */
let readAt = 0;
let shown: Range | undefined;
let trouble: { what: Trouble; retryAt: number } | undefined;

const schedule = new Schedule(refresh);

function range() {
  const { value } = document.querySelector<HTMLInputElement>("[name=range]:checked") ?? {};
  return RANGES.find((name) => name === value) ?? "day";
}

/** Asks for everything. Returns after how many seconds to do it again. */
async function refresh() {
  const [token, asked] = [current(), range()];
  const [usage, blocks] = await Promise.all([ask(token, `/admin/usage?range=${asked}`), ask(token, "/admin/blocks")]);
  // Whoever has signed out sees nothing any more. Another range is being asked for already.
  if (token !== current() || asked !== range()) return 0;
  if (usage.kind === "ok") showUsage(usage.body);
  if (blocks.kind === "ok") showBlocks(blocks.body);
  const failed = usage.kind === "ok" ? blocks : usage;
  if (failed.kind === "ok") {
    trouble = undefined;
    report();
    return EVERY[asked];
  }
  if (ends(failed)) return 0;
  const wait = failed.kind === "wait" ? failed.seconds : AGAIN;
  if (trouble?.what.kind !== failed.kind) say(explain(failed));
  trouble = { what: failed, retryAt: Date.now() + wait * 1_000 };
  report();
  return wait;
}

function showUsage(body: unknown) {
  const usage = readUsage(body);
  set(usage.to);
  show("figures", true);
  showFigures(usage);
  showChart(usage);
  showStore(usage);
  showReasons(usage);
  showTables(usage);
  // Whoever has chosen another range wants to hear of it.
  if (readAt > 0 && usage.range !== shown) say(find("headline").textContent ?? "");
  readAt = Date.now();
  shown = usage.range;
}

/** Says how old the figures are, and what is wrong. */
function report() {
  const age = readAt > 0 ? relative((readAt - Date.now()) / 1_000) : "";
  put("updated", age && `· updated ${age}`);
  show("trouble", trouble !== undefined);
  if (!trouble) return;
  const wait = Math.ceil((trouble.retryAt - Date.now()) / 1_000);
  const { what } = trouble;
  const why = explain(what.kind === "wait" ? { ...what, seconds: Math.max(1, wait) } : what);
  const again = wait > 0 ? `The next try is in ${duration(wait)}.` : "Trying again.";
  put("trouble", [why, age && `These figures are from ${age}.`, what.kind === "wait" ? "" : again].join(" "));
}

function enter() {
  show("sign-in", false);
  show("dashboard", true);
  document.title = "Usage – Concierge";
  schedule.now();
}

/** A token that is no good is asked for again. */
function ends(answer: Answer) {
  if (answer.kind !== "wrong_token" && answer.kind !== "no_token_set") return false;
  forget();
  schedule.stop();
  dialog.close();
  trouble = undefined;
  askForToken(explain(answer));
  return true;
}

/** Leaves nothing of the figures behind, either. */
function signOut() {
  forget();
  location.reload();
}

/** Without a token, or before a wait is over, the worker would only refuse. */
function refreshNow() {
  if (current() && (trouble?.what.kind !== "wait" || trouble.retryAt <= Date.now())) schedule.now();
}

startChart();
startConfirm();
startBlocks({ token: current, ends, refresh: () => schedule.after(COUNTED) });
startSession(() => {
  enter();
  find("headline").focus();
});
const { origin } = location;
put(
  "snippet",
  `<script type="module" src="${origin}/concierge.js"></script>\n<concierge-chat url="${origin}"></concierge-chat>`,
);
find("refresh").addEventListener("click", refreshNow);
find("sign-out").addEventListener("click", signOut);
addEventListener("online", refreshNow);
for (const input of document.querySelectorAll("[name=range]")) input.addEventListener("change", refreshNow);
setInterval(() => {
  if (document.hidden) return;
  report();
  tick();
}, 1_000);
if (current()) enter();
else askForToken();
