/**
 * Bounds the work for a request: by its deadline, and by its client's patience.
 *
 * @module
 */
import { DeadlineExceededError } from '@breakwater/errors';
import {
  Deadline,
  HEADERS,
  parseDeadline,
  type RequestScope,
  runInScope,
} from '@breakwater/resilience';
import type { Context, MiddlewareHandler } from 'hono';
import type { ServiceEnv } from './request-context.ts';

/**
 * Puts the deadline of the request, the earlier of the caller's and the service's own, and the
 * signal of its connection where every call below finds them.
 */
export function requestScope(ownDeadlineMs: number): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const own = Deadline.after(ownDeadlineMs);
    const callers = parseDeadline(c.req.header(HEADERS.deadline));
    const deadline = Deadline.earliest(own, callers) ?? own;
    c.set('boundByCaller', deadline !== own);
    if (deadline.expired) throw new DeadlineExceededError('The deadline has passed already.');
    await runInScope(new ConnectionScope(deadline, c), next);
  };
}

/** The signal is made when somebody asks: most requests call nothing that could be cancelled. */
class ConnectionScope implements RequestScope {
  readonly deadline: Deadline;
  readonly #c: Context;

  constructor(deadline: Deadline, c: Context) {
    this.deadline = deadline;
    this.#c = c;
  }

  get signal(): AbortSignal {
    return this.#c.req.raw.signal;
  }
}
