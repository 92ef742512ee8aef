// Asks the shop's server for what a page cannot do by itself.

/** @import { State } from "../../types.js" */

/** @returns {Promise<State>} */
export async function readState() {
  const response = await fetch("/demo/state");
  return response.json();
}

/**
 * @param {"assistant" | "fault" | "questions"} path
 * @param {object} order
 * @returns {Promise<any>}
 */
export async function ask(path, order) {
  const response = await fetch(`/demo/${path}`, { method: "POST", body: JSON.stringify(order) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
