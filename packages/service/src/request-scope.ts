/**
 * Bounds the work for a request: by its deadline, and by its client's patience.
 *
 * @module
 */
import { DeadlineExceededError } from '@breakwater/errors';
import { DEADLINE_HEADER, Deadline, parseDeadline, withScope } from '@breakwater/resilience';
import type { MiddlewareHandler } from 'hono';
import type { ServiceEnv } from './request-context.ts';

/**
 * Puts the deadline of the request, the earlier of the caller's and the service's own, and the
 * signal of its connection where every call below finds them.
 */
export function requestScope(ownDeadlineMs: number): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const own = Deadline.after(ownDeadlineMs);
    const deadline = Deadline.earliest(own, parseDeadline(c.req.header(DEADLINE_HEADER))) ?? own;
    if (deadline.expired) throw new DeadlineExceededError('The deadline has passed already.');
    await withScope({ deadline, signal: c.req.raw.signal }, next);
  };
}
