// What the Rust exports. wasm-bindgen writes the module when the worker is built.

import type { DurableObjectStorage, ExecutionContext } from "@cloudflare/workers-types";

export function fetch(request: Request, env: object, context: ExecutionContext): Response | Promise<Response>;
export function fault(request: Request, env: object, context: ExecutionContext, started: number): Response;
export function __wbg_reset_state(): void;

export class Limiter {
  constructor(storage: DurableObjectStorage, env: object);
  ask(storage: DurableObjectStorage, flush: () => void, question: number[]): Uint32Array;
  flush(storage: DurableObjectStorage, flush: () => void): void;
  alarm(storage: DurableObjectStorage, flush: () => void): void;
  free(): void;
}

export class Usage {
  constructor(storage: DurableObjectStorage, env: object);
  report(storage: DurableObjectStorage, flush: () => void, bytes: Uint8Array): void;
  read(storage: DurableObjectStorage, flush: () => void): Uint8Array;
  flush(storage: DurableObjectStorage, flush: () => void): void;
  alarm(storage: DurableObjectStorage, flush: () => void): void;
  free(): void;
}
