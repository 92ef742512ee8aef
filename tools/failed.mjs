// The error of a step that did not succeed, with what to do about it.

export class Failed extends Error {}
