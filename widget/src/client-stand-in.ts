// Stands in for the client library, with its interface and no more.

export interface Options {
  url: string;
  /** `memory` stores nothing. */
  storage?: "session" | "local" | "memory";
  token?: () => Promise<string | undefined>;
}

export interface Question {
  context?: object;
  refinement?: { text: string; type: string };
  signal?: AbortSignal;
  onDelta?: (text: string) => void;
  onStatus?: (state: string) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: what is in a body is checked where it is read
type Json = Record<string, any>;

const PASS = "concierge-pass";
const SESSION = "concierge-session";
const PATIENCE_MS = 65_000;

export class ConciergeError extends Error {
  code = "unreachable";
  status?: number;
  requestId?: string;
  retryAfter?: number;
  tier?: string;
}

export class Concierge extends EventTarget {
  #base: string;
  #stores: boolean;
  #streaming?: Promise<boolean>;
  #memory = new Map<string, string>();

  constructor({ url, storage }: Options) {
    super();
    this.#base = new URL(url, location.href).origin;
    this.#stores = storage !== "memory";
  }

  async ask(prompt: string, { context, refinement, signal, onDelta, onStatus }: Question = {}): Promise<Json> {
    const body = JSON.stringify({ prompt, session_id: this.#recall(SESSION), context, refinement });
    this.#streaming ??= this.capabilities().then(({ streaming }) => streaming);
    const isLive = await this.#streaming.catch(() => false);
    const headers = { "Content-Type": "application/json", Accept: isLive ? "text/event-stream" : "application/json" };
    const response = await this.#send("chat", { method: "POST", headers, body, signal });
    const streams = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    const answer = streams ? await this.#follow(response, onDelta, onStatus) : await this.#read(response);
    if (typeof answer.session_id === "string") this.#keep(SESSION, answer.session_id);
    return answer;
  }

  /** What was said. Without a conversation, it asks for nothing. */
  async history(): Promise<Json[]> {
    const session = this.#recall(SESSION);
    if (!session) return [];
    return (await this.#read(await this.#send(`history?session_id=${encodeURIComponent(session)}`))).messages;
  }

  async nextPage(page: string): Promise<Json> {
    return this.#read(await this.#send(`products?page=${encodeURIComponent(page)}`));
  }

  async capabilities(): Promise<Json> {
    return this.#read(await this.#send("capabilities"));
  }

  reset() {
    this.#memory.delete(SESSION);
    attempt(() => sessionStorage.removeItem(SESSION));
  }

  async #send(path: string, { headers = {}, signal, ...init }: RequestInit = {}): Promise<Response> {
    const pass = this.#recall(PASS);
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${this.#base}/v1/concierge/${path}`, {
      ...init,
      headers: { ...headers, ...(pass && path !== "capabilities" && { "Shopper-Pass": pass }) } as HeadersInit,
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    }).catch((error) => {
      if (signal?.aborted) throw error;
      throw new ConciergeError("unreachable");
    });
    const renewed = response.headers.get("Shopper-Pass");
    if (renewed) this.#keep(PASS, renewed);
    return response;
  }

  async #read(response: Response): Promise<Json> {
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw this.#failure(body, response);
    return body;
  }

  async #follow(
    response: Response,
    onDelta?: (text: string) => void,
    onStatus?: (state: string) => void,
  ): Promise<Json> {
    let text = "";
    for await (const chunk of pieces(response)) {
      text += chunk;
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
        if (!data) continue;
        const told = JSON.parse(data.replaceAll("\ndata: ", ""));
        if (name === "answer") return told;
        if (name === "error") throw this.#failure(told, response);
        if (name === "delta") onDelta?.(told.text);
        if (name === "status") onStatus?.(told.state);
      }
    }
    throw new ConciergeError("the stream ended early");
  }

  #failure(body: Json, response: Response) {
    const seconds = Number(response.headers.get("Retry-After")) || undefined;
    return Object.assign(new ConciergeError(String(body.message)), {
      code: body.error ?? "upstream_error",
      status: response.status,
      requestId: body.request_id ?? response.headers.get("X-Request-Id") ?? undefined,
      retryAfter: seconds,
      tier: body.tier,
    });
  }

  #recall(name: string) {
    const stored = this.#stores && attempt(() => sessionStorage.getItem(name));
    return stored || this.#memory.get(name) || null;
  }

  #keep(name: string, value: string) {
    this.#memory.set(name, value);
    if (this.#stores) attempt(() => sessionStorage.setItem(name, value));
  }
}

async function* pieces(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return;
    yield value;
  }
}

function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
