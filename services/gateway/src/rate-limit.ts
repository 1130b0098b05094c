/**
 * How many requests one client may send.
 *
 * @module
 */
import { RateLimitError } from '@breakwater/errors';
import { clientAddress, clientNetwork, type ServiceEnv } from '@breakwater/hono';
import type { MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimitOptions {
  /** Requests a minute from one address, or IPv6 /64; 0 sets no limit. */
  readonly perMinute: number;
  /** Proxies of our own in front of the gateway; see {@link clientAddress}. */
  readonly trustedProxies: number;
}

const WINDOW_S = 60;

/**
 * Answers 429 `RATE_LIMITED` to a client that has sent its share of this minute; `Retry-After`
 * says when its next minute begins. Counted in the memory of this process: several gateways allow
 * as many times the limit.
 */
export function rateLimit(options: RateLimitOptions): MiddlewareHandler<ServiceEnv> {
  const { perMinute, trustedProxies } = options;
  if (perMinute === 0) return (_, next) => next();
  const limiter = new RateLimiterMemory({ points: perMinute, duration: WINDOW_S });
  return async (c, next) => {
    try {
      await limiter.consume(clientNetwork(clientAddress(c, trustedProxies)));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new RateLimitError('Too many requests from this address.', {
        context: { limit: perMinute, window_s: WINDOW_S },
        retryAfterS: Math.ceil(refusal.msBeforeNext / 1_000),
      });
    }
    await next();
  };
}
