// The one error of the client.

/** What is known about a failure beside its code. */
export type Details = Partial<Pick<ConciergeError, "status" | "requestId" | "retryAfter" | "tier" | "cause">>;

/** Why there is no answer. The message is the worker's, for developers, or else the code. */
export class ConciergeError extends Error {
  override name = "ConciergeError";

  /**
   * The worker's code, as docs/api.md lists them, or one of the client's own:
   *
   * - `unreachable`: there was no answer at all. A browser does not say why: no network, no such host, or an origin that
   *   the worker does not allow.
   * - `unreadable`: the answer broke off, or is not in the contract's form.
   * - `timeout`: the answer was not whole after 65 seconds.
   * - `aborted`: the page's signal ended it.
   * - `no_token`: the page's `token` failed. `cause` says why.
   *
   * A question that ended with one of the first four may have been a turn of the conversation all the same.
   */
  declare readonly code: string;
  /** The HTTP status. It is 200 if the answer failed after it had begun, and missing without an answer. */
  declare readonly status?: number;
  /** What the worker's log calls the request. */
  declare readonly requestId?: string;
  /** How long to wait before the next request, in seconds. */
  declare readonly retryAfter?: number;
  /** Whose budget is used up: `shopper`, `newcomer`, `network` or `store`. */
  declare readonly tier?: string;

  /** Makes an error of this code. */
  constructor(code: string, details?: Details, message = code) {
    super(message);
    this.code = code;
    Object.assign(this, details);
  }
}
