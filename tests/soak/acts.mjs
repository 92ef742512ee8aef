// The acts of a run, and how much of each there is for one ordinary chat.

import * as chats from "./chats.mjs";
import * as limiters from "./limiters.mjs";
import * as leavers from "./leavers.mjs";
import * as faults from "./faults.mjs";

export const ACTS = [
  { act: limiters, perChat: 0.03 },
  { act: leavers, perChat: 0.032 },
  { act: faults, perChat: 0.0015 },
  { act: chats, perChat: 1 },
];
