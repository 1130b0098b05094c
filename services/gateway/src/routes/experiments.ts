/**
 * `GET /call-service`, `GET /call-external` and `GET /breaker-status`: a retry and a circuit to
 * watch, against peers that fail by chance.
 *
 * @module
 */

import { PEER_ERRORS } from '@breakwater/client';
import {
  BadGatewayError,
  DependencyTimeoutError,
  DependencyUnavailableError,
} from '@breakwater/errors';
import { json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import type { CircuitState } from '@breakwater/resilience';
import { z } from '@hono/zod-openapi';
import type { Experiments } from '../experiments.ts';

const ok = z.object({ status: z.literal('ok') });

const callService = route({
  method: 'get',
  path: '/call-service',
  summary: 'Retry: up to three attempts at a peer of which 70 % fail',
  responses: { 200: json(ok, 'One of the attempts succeeded.') },
  errors: [BadGatewayError, DependencyUnavailableError, DependencyTimeoutError],
});

const callExternal = route({
  method: 'get',
  path: '/call-external',
  summary: 'Circuit breaker: one attempt at a peer of which 50 % fail',
  description:
    'Three failures in a row open the circuit for ten seconds; then one call decides. 502 is a failure of the peer, 503 a call that the circuit refused.',
  responses: { 200: json(ok, 'The peer answered.') },
  errors: PEER_ERRORS,
});

const breakerStatus = route({
  method: 'get',
  path: '/breaker-status',
  summary: 'The circuit behind /call-external; GET /breakers tells about all of them',
  responses: {
    200: json(
      z.object({
        state: z.enum(['CLOSED', 'OPEN', 'HALF_OPEN']),
        failures: z.int().describe('Failures in a row, while closed those that count so far.'),
      }),
      'Its state.',
    ),
  },
});

/** Three words for four states: an isolated circuit refuses calls as an open one does. */
const WORDS = {
  closed: 'CLOSED',
  open: 'OPEN',
  half_open: 'HALF_OPEN',
  isolated: 'OPEN',
} as const satisfies Record<CircuitState, string>;

/** Adds the experiments. */
export function mountExperiments(app: Service['app'], experiments: Experiments): void {
  app.openapi(callService, async (c) => {
    await experiments.callService();
    return c.json({ status: 'ok' as const }, 200);
  });
  app.openapi(callExternal, async (c) => {
    await experiments.callExternal();
    return c.json({ status: 'ok' as const }, 200);
  });
  app.openapi(breakerStatus, (c) => {
    const { state, failures } = experiments.externalBreaker();
    return c.json({ state: WORDS[state], failures }, 200);
  });
}
