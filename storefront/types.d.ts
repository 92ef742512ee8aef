// What the developer panel and the shop's server tell each other, and what the panel knows of the widget.

/** What stands behind the shop. */
export interface State {
  /** The assistant that answers. */
  assistant: string;
  assistants: readonly string[];
  isReady: boolean;
  /** What the next question meets, by the simulator's name of it. */
  fault: string | null;
}

/** A budget of the worker's. */
export interface Budget {
  tier: string;
  window: string;
  limit: number;
}

/** What many questions at once came to. */
export interface Result {
  asked: number;
  answered: number;
  /** By each budget. The assistant's own has no limit that the worker knows. */
  refused: (Omit<Budget, "limit"> & { limit: number | null; count: number })[];
  /** How often each other error came. */
  failed: Record<string, number>;
  /** The budget that was to be used up, if it was. */
  cap: Budget | null;
  /** Whether exactly as many were answered as it allows. */
  isExact: boolean;
}

/** The widget, once its script is there. */
export interface Chat extends Element {
  close?(): void;
  reset?(): Promise<void>;
}
