/**
 * Who ordered: a name that is nice to have, from whoever can tell.
 *
 * @module
 */
import { type OrderUser, user } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, FallbackStep, Resilience } from '@breakwater/resilience';
import type { z } from 'zod';

/** Names of users. */
export interface Users {
  /**
   * Who a user is: from users, its second replica, an answer of the last minute, one of the last
   * day, or nobody. Says which it was, and never fails because somebody cannot be asked.
   */
  find(userId: string): Promise<OrderUser>;
}

/** What is wanted of a user; the rest is none of our business. */
const named = user.pick({ name: true });
type Named = z.output<typeof named>;

const UNKNOWN = 'Unknown';
const FRESH_MS = 60_000;
const STALE_MS = 86_400_000;

/** @param policy of the first replica and of the second, each behind a circuit of its own */
export function connectUsers(
  urls: { usersUrl: string; usersReplicaUrl: string },
  policy: DependencyOptions,
  shared: { readonly resilience: Resilience },
): Users {
  const options = { policy, ...shared };
  const primary = createClient({ name: 'users', baseUrl: urls.usersUrl, ...options });
  const replica = createClient({
    name: 'users-replica',
    baseUrl: urls.usersReplicaUrl,
    ...options,
  });

  return {
    async find(userId) {
      const request = { method: 'GET', path: `/users/${userId}`, response: named } as const;
      const fallback: FallbackStep<Named>[] = [
        // That a replica knows no such user proves nothing: it may not have heard of it yet.
        { source: 'fallback', call: () => replica.call(request) },
        { source: 'cache', maxAgeMs: FRESH_MS },
        { source: 'stale', maxAgeMs: STALE_MS },
        { source: 'degraded', value: { name: UNKNOWN } },
      ];
      try {
        const answer = await primary.callWithSource({ ...request, fallback, cacheKey: userId });
        const { source, value } = answer;
        return { name: value.name, status: source === 'degraded' ? source : 'known', source };
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        return { name: UNKNOWN, status: 'not_found', source: 'primary' };
      }
    },
  };
}
