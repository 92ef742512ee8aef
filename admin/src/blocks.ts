// Who is held back now: a table of blocks, a look-up by request id, and lifting one.

import { say } from "./announce.ts";
import { ask, type Answer } from "./api.ts";
import { askToLift } from "./confirm.ts";
import { copyable } from "./copy.ts";
import { fill, find, make, put, show } from "./dom.ts";
import { moment, number } from "./format.ts";
import { ofBudget } from "./texts.ts";
import { now, retime, time } from "./times.ts";
import { explain } from "./trouble.ts";
import { readBlocks, type Block } from "./usage.ts";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface Owner {
  token: () => string;
  /** A token that is refused ends the visit. Returns whether it did. */
  ends: (answer: Answer) => boolean;
  /** Asks for all figures anew, once they know of a lift. */
  refresh: () => void;
}

let owner: Owner;
let found: Block[] = [];

const rows = {
  key: ({ requestId, budget }: Block) => `${requestId} ${budget}`,
  make: (block: Block) => {
    const isOne = block.budget === "shopper";
    // The log has this much of a limiter's name.
    const who = isOne ? `Shopper ${block.shopper}` : `Network ${block.limiter.slice(0, 8)}`;
    const lift = make("button", { type: "button", ariaLabel: `Lift the block of ${who}` }, "Lift");
    lift.addEventListener("click", () => askToLift(owner, block, who, lifted));
    return make(
      "tr",
      {},
      make(
        "th",
        { scope: "row" },
        who,
        make("span", { className: "minor small line" }, `${isOne ? "on " : ""}${block.limiter}`),
      ),
      make("td", {}, ofBudget(block.budget).name, make("span", { className: "minor small line" }, limit(block))),
      make("td", {}, time(block.at), make("span", { className: "minor small line" }, moment(block.at))),
      make("td", {}, time(0), make("span", { className: "free" }, "free again")),
      make("td", {}, copyable(block.requestId)),
      make("td", {}, lift),
    );
  },
  update: (row: HTMLElement, { freesIn }: Block) => {
    const [frees, free] = row.children[3]?.children ?? [];
    (frees as HTMLElement).hidden = freesIn === 0;
    (free as HTMLElement).hidden = freesIn > 0;
    if (freesIn > 0) retime(frees as HTMLTimeElement, Math.round(now() + freesIn));
  },
};

function limit({ limit, window }: Block) {
  return limit > 0 && window ? `${number(limit)} in ${window === "hour" ? "an" : "a"} ${window}` : window;
}

export function showBlocks(body: unknown) {
  const blocks = readBlocks(body);
  fill(find("blocks"), blocks, rows);
  show("nobody-held", blocks.length === 0);
  show("held", blocks.length > 0);
}

function lifted(text: string) {
  put("lifted", text);
  show("lifted", true);
  say(text);
  // The button that had the focus is about to go.
  find("held-title").focus({ preventScroll: true });
  clearFound();
  owner.refresh();
}

function clearFound() {
  found = [];
  showFound();
}

function showFound() {
  fill(find("found-blocks"), found, rows);
  show("found", found.length > 0);
}

async function lookUp() {
  const field = find<HTMLInputElement>("request-id");
  const id = field.value.trim().toLowerCase();
  clearFound();
  const problem = await problemWith(id);
  // Another one may have been asked for meanwhile.
  if (field.value.trim().toLowerCase() !== id) return;
  put("look-up-problem", problem);
  field.ariaInvalid = problem ? "true" : null;
  showFound();
  if (problem) field.focus();
  else if (found.length > 0) find("found").focus();
}

/** Looks it up. Returns what is wrong, if something is. */
async function problemWith(id: string) {
  if (!ID.test(id)) return "A request id has 32 digits and letters in five groups.";
  const answer = await ask(owner.token(), `/admin/blocks?request_id=${id}`);
  if (answer.kind === "ok") found = readBlocks(answer.body);
  else if (!owner.ends(answer)) return explain(answer);
  return "";
}

export function startBlocks(given: Owner) {
  owner = given;
  find("look-up").addEventListener("submit", (event) => {
    event.preventDefault();
    void lookUp();
  });
}
