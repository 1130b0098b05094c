/**
 * `POST /circuits/isolate` and `/circuits/release`: steering by hand, with who and why.
 *
 * @module
 */
import {
  BadGatewayError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  NotFoundError,
} from '@breakwater/errors';
import {
  BreakerNotIsolatedError,
  body,
  json,
  requireToken,
  route,
  type Service,
  TOKEN_ERRORS,
} from '@breakwater/hono';
import { z } from '@hono/zod-openapi';
import type { Context } from '../app.ts';

/** The header that changes bring the token in. */
export const TOKEN_HEADER = 'X-Console-Token';

const which = {
  address: z.string().min(1).max(200).describe('Host and port of the process.'),
  breaker: z.string().min(1).max(200).describe('Name of the circuit.'),
  by: z.string().trim().min(1).max(100).describe('Who does it.'),
  why: z.string().trim().min(1).max(500).describe('Why, for those who find it later.'),
};
const isolation = z.strictObject({
  ...which,
  for_s: z.int().min(1).max(86_400).describe('Seconds until it ends by itself.'),
});
const release = z.strictObject(which);
const circuit = z.looseObject({ name: z.string(), state: z.string() });

const errors = [
  ...TOKEN_ERRORS,
  NotFoundError.of('process'),
  NotFoundError.of('breaker'),
  BadGatewayError,
  DependencyUnavailableError,
  DependencyTimeoutError,
];

/** Adds the operations. */
export function mountCircuits(app: Service['app'], { processes, token }: Context): void {
  const middleware = requireToken(TOKEN_HEADER, token, 'console');
  const isolate = route({
    method: 'post',
    path: '/circuits/isolate',
    summary: 'Refuse all calls through a circuit for a while',
    middleware,
    request: { body: body(isolation) },
    responses: { 200: json(circuit, 'The circuit, isolated.') },
    errors,
  });
  app.openapi(isolate, async (c) => {
    const { address, breaker, ...asked } = c.req.valid('json');
    const answer = await processes.steer(address, breaker, { action: 'isolate', ...asked });
    return c.json(circuit.parse(answer), 200);
  });

  const releaseRoute = route({
    method: 'post',
    path: '/circuits/release',
    summary: 'End an isolation: the next calls are probes',
    middleware,
    request: { body: body(release) },
    responses: { 200: json(circuit, 'The circuit, probing.') },
    errors: [...errors, BreakerNotIsolatedError],
  });
  app.openapi(releaseRoute, async (c) => {
    const { address, breaker, ...asked } = c.req.valid('json');
    const answer = await processes.steer(address, breaker, { action: 'release', ...asked });
    return c.json(circuit.parse(answer), 200);
  });
}
