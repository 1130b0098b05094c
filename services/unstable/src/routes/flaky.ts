/**
 * Routes that fail by chance, for trying out retries and breakers.
 *
 * @module
 */

import { inDigits } from '@breakwater/contracts';
import { json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { type Random, seededRandom } from '@breakwater/resilience';
import { z } from '@hono/zod-openapi';
import { FlakyServiceError, InjectedFaultError } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { injectFaults } from '../inject-faults.ts';

const query = z.object({
  seed: inDigits(z.int().min(0).max(0xffffffff).optional()).describe(
    'Restarts the sequence of failures; later calls without it go on from there.',
  ),
});
const ok = z.object({ status: z.literal('ok') });

/** Adds `GET /fake_service`, which fails in 70 % of all calls, and `GET /unstable`, in 50 %. */
export function mountFlaky(service: Service, faults: Faults, random: Random): void {
  mount(service, faults, random, '/fake_service', 0.7);
  mount(service, faults, random, '/unstable', 0.5);
}

function mount(
  { app, logger }: Service,
  faults: Faults,
  random: Random,
  path: '/fake_service' | '/unstable',
  failureRate: number,
): void {
  let next = random;
  const callFlaky = route({
    method: 'get',
    path,
    summary: `Fails in ${failureRate * 100} % of all calls`,
    middleware: injectFaults(faults, `GET ${path}`, logger),
    request: { query },
    responses: { 200: json(ok, 'This time it worked.') },
    errors: [FlakyServiceError, ...InjectedFaultError.kinds],
  });
  app.openapi(callFlaky, (c) => {
    const { seed } = c.req.valid('query');
    if (seed !== undefined) next = seededRandom(seed);
    if (next() < failureRate) throw new FlakyServiceError();
    return c.json({ status: 'ok' as const }, 200);
  });
}
