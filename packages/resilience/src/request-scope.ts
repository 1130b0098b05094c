/**
 * What bounds the request at hand, found from anywhere below it without handing it down.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, createContextKey } from '@opentelemetry/api';
import type { Deadline } from './deadline.ts';

/** The bounds of a piece of work. */
export interface RequestScope {
  readonly deadline?: Deadline | undefined;
  /** Aborted when the one who asked went away. */
  readonly signal?: AbortSignal | undefined;
}

const storage = new AsyncLocalStorage<RequestScope>();

/**
 * Runs `work` inside these bounds. Every `execute` below takes them as its own, and inside an attempt
 * the attempt is the scope: what it calls ends with it. Replaces the outer scope whole, so that
 * work that outlives its request is started with `runInScope({}, …)`.
 *
 * Needs no SDK: it stands on its own AsyncLocalStorage.
 *
 * @example
 * app.use((c, next) => {
 *   const deadline = parseDeadline(c.req.header(HEADERS.deadline)) ?? Deadline.after(5_000);
 *   return runInScope({ deadline, signal: c.req.raw.signal }, next);
 * });
 */
export function runInScope<T>(scope: RequestScope, work: () => T): T {
  return storage.run(scope, work);
}

const SCOPE = createContextKey('breakwater.scope');

/**
 * An OpenTelemetry context with these bounds, for whoever enters a context anyway: to enter two
 * storages for one request costs as much again. Without a context manager it has no effect.
 *
 * @returns undefined inside of other bounds, which would go before these: use {@link runInScope}
 */
export function contextInScope(parent: Context, scope: RequestScope): Context | undefined {
  return storage.getStore() === undefined ? parent.setValue(SCOPE, scope) : undefined;
}

const UNBOUNDED: RequestScope = {};

/** The bounds of the work at hand; empty outside of any. */
export function currentScope(): RequestScope {
  const scope = storage.getStore() ?? context.active().getValue(SCOPE);
  return (scope as RequestScope | undefined) ?? UNBOUNDED;
}

/** The deadline of the work at hand. */
export function currentDeadline(): Deadline | undefined {
  return currentScope().deadline;
}

/** The signal that ends the work at hand. */
export function currentSignal(): AbortSignal | undefined {
  return currentScope().signal;
}

/** {@link runInScope} for a scope that the function takes as its argument. */
export function runAsScope<S extends RequestScope, T>(scope: S, fn: (scope: S) => T): T {
  return storage.run(scope, fn, scope);
}
