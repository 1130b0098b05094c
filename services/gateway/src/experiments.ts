/**
 * Two peers that fail by chance, each protected in one way only, so that it can be watched.
 *
 * @module
 */

import { fromPeer } from '@breakwater/client';
import { AppError, BadGatewayError, originOf } from '@breakwater/errors';
import { createClient } from '@breakwater/kit';
import type { BreakerSnapshot, DependencyOptions, Resilience } from '@breakwater/resilience';
import { z } from 'zod';

export interface Experiments {
  /** Retries: up to three attempts at a peer of which 70 % fail. */
  callService(): Promise<void>;
  /** A circuit: one attempt at a peer of which 50 % fail. */
  callExternal(): Promise<void>;
  /** The circuit of {@link Experiments.callExternal}. */
  externalBreaker(): BreakerSnapshot;
}

const FAKE_SERVICE = 'fake-service';
const EXTERNAL = 'external';

/** Three attempts, and nothing that ends them early: no circuit, and no budget over all calls. */
const RETRIES_ONLY: DependencyOptions = {
  timeoutMs: 800,
  retry: {
    attempts: 3,
    backoff: { initialMs: 100, maxMs: 400, jitter: 'half' },
    budget: false,
  },
  breaker: false,
};

/** Opens at three failures in a row, for ten seconds; then one call decides. */
const BREAKER_ONLY: DependencyOptions = {
  timeoutMs: 1_000,
  retry: false,
  breaker: {
    trip: { kind: 'consecutive', failures: 3 },
    openMs: 10_000,
    halfOpen: { calls: 1, successes: 1 },
  },
};

const answer = z.object({ status: z.literal('ok') });

/** @param resilience where the policies are declared: the dependencies of the service */
export function createExperiments(baseUrl: string, resilience: Resilience): Experiments {
  const shared = { baseUrl, resilience };
  const fakeService = createClient({ name: FAKE_SERVICE, policy: RETRIES_ONLY, ...shared });
  const external = createClient({ name: EXTERNAL, policy: BREAKER_ONLY, ...shared });
  return {
    async callService() {
      try {
        await fakeService.call({ method: 'GET', path: '/fake_service', response: answer });
      } catch (error) {
        throw fromPeer(FAKE_SERVICE, error);
      }
    },
    async callExternal() {
      try {
        await external.call({ method: 'GET', path: '/unstable', response: answer });
      } catch (error) {
        throw answered(error) ?? fromPeer(EXTERNAL, error);
      }
    },
    externalBreaker: () => external.dependency.breakers()[0] as BreakerSnapshot,
  };
}

/** Any error the peer answered with is 502 here, so that 503 means the circuit and nothing else. */
function answered(error: unknown): BadGatewayError | undefined {
  if (!(error instanceof AppError) || !originOf(error)) return undefined;
  return new BadGatewayError(EXTERNAL, {
    cause: error,
    context: { dependency_code: error.code },
  });
}
