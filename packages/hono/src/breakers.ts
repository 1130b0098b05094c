/**
 * The circuits of a service over HTTP: what they are doing and why, and how to steer them.
 *
 * @module
 */
import { hostname } from 'node:os';
import { ConflictError, defineKind, NotFoundError } from '@breakwater/errors';
import { type BreakerSnapshot, CIRCUIT_STATES, type Resilience } from '@breakwater/resilience';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { BreakerHistory, type Transition } from './breaker-history.ts';
import { requireBearer, TOKEN_ERRORS } from './control.ts';
import type { ServiceEnv } from './request-record.ts';
import { body, json, route } from './route.ts';

/** The circuit is not isolated: there is nothing to release. 409. */
export class BreakerNotIsolatedError extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, {
    name: 'BreakerNotIsolatedError',
    code: 'BREAKER_NOT_ISOLATED',
    meaning: 'The circuit is not isolated: its isolation has ended, or there was none.',
    client: 'GET /breakers says which state it is in.',
  });

  constructor(name: string) {
    super('This circuit is not isolated.', { context: { breaker: name } });
  }
}

const state = z.enum(CIRCUIT_STATES);
const timestamp = z.iso.datetime();

const transition = z.object({
  at: timestamp,
  from: state,
  to: state,
  reason: z.string(),
  error_type: z.string().optional().describe('The failure that opened it.'),
  by: z.string().optional(),
  why: z.string().optional(),
  trace_id: z.string().optional().describe('The call that did it.'),
});

const breaker = z.object({
  name: z.string().describe('The dependency.'),
  state: state.describe('half_open as soon as the next call would be a probe.'),
  failures: z.int().describe('Failures that count towards opening it.'),
  since: timestamp.describe('Since when it is in this state.'),
  probes_at: timestamp.nullable().describe('When the next call passes; null where calls pass now.'),
  last_transition: transition.nullable(),
  transitions: z.array(transition).describe('The latest ones, newest first.'),
  isolated_by: z.string().optional(),
  isolated_why: z.string().optional(),
});
type BreakerView = z.infer<typeof breaker>;
type TransitionView = z.infer<typeof transition>;

const breakerList = z.object({
  service: z.string(),
  instance: z.string().describe('The process that answered: each has circuits of its own.'),
  breakers: z.array(breaker),
});

const params = z.object({
  name: z
    .string()
    .min(1)
    .max(200)
    .openapi({ description: 'As in the list; a / in it is written %2F.' }),
});
const who = z.string().trim().min(1).max(100).describe('Who does it.');
const why = z.string().trim().min(1).max(500).describe('Why, for those who find it later.');

const listBreakers = route({
  method: 'get',
  path: '/breakers',
  summary: 'The circuits of this process: state, since when, why, and when they probe',
  responses: { 200: json(breakerList, 'Every circuit, by dependency.') },
});

export interface BreakerRoutesOptions {
  readonly serviceName: string;
  readonly resilience: Resilience;
  readonly controlToken: string;
  /** Names beside those of loopback that a request may be made for. */
  readonly allowedHosts: readonly string[];
  /** Wall clock, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Adds `GET /breakers` and, for holders of the control token, `isolate` and `release`. */
export function mountBreakers(app: OpenAPIHono<ServiceEnv>, options: BreakerRoutesOptions): void {
  const { serviceName, resilience, now = Date.now } = options;
  const history = new BreakerHistory(now);
  resilience.listen(history);
  const instance = `${hostname()}:${process.pid}`;
  const middleware = requireBearer(options.controlToken, options);
  const errors = [...TOKEN_ERRORS, NotFoundError.of('breaker')];

  const view = (snapshot: BreakerSnapshot): BreakerView => describe(snapshot, history, now());
  const find = (name: string) => {
    const dependency = resilience.find(name);
    if (dependency?.circuitState === undefined) throw new NotFoundError('breaker', name);
    return dependency;
  };
  const current = (name: string) => view(find(name).breakers()[0] as BreakerSnapshot);

  app.openapi(listBreakers, (c) =>
    c.json({ service: serviceName, instance, breakers: resilience.breakers().map(view) }, 200),
  );

  const isolate = route({
    method: 'post',
    path: '/breakers/{name}/isolate',
    summary: 'Refuse all calls for a while, by hand; ends by itself',
    middleware,
    request: {
      params,
      body: body(
        z.strictObject({
          for_s: z.int().min(1).max(86_400).describe('Seconds until it ends by itself.'),
          by: who,
          why,
        }),
      ),
    },
    responses: { 200: json(breaker, 'The circuit, isolated.') },
    errors,
  });
  app.openapi(isolate, (c) => {
    const { name } = c.req.valid('param');
    const { for_s, ...asked } = c.req.valid('json');
    find(name).isolate({ ...asked, forMs: for_s * 1_000 });
    return c.json(current(name), 200);
  });

  const release = route({
    method: 'post',
    path: '/breakers/{name}/release',
    summary: 'End an isolation: the next calls are probes',
    middleware,
    request: { params, body: body(z.strictObject({ by: who, why })) },
    responses: { 200: json(breaker, 'The circuit, probing.') },
    errors: [...errors, BreakerNotIsolatedError],
  });
  app.openapi(release, (c) => {
    const { name } = c.req.valid('param');
    const released = find(name).release(c.req.valid('json'));
    if (!released) throw new BreakerNotIsolatedError(name);
    return c.json(current(name), 200);
  });
}

function describe(snapshot: BreakerSnapshot, history: BreakerHistory, now: number): BreakerView {
  const { name, failures, retryAfterMs, isolatedBy, isolatedWhy } = snapshot;
  const transitions = history.of(name).map(tell);
  return {
    name,
    state: snapshot.state,
    failures,
    since: iso(history.since(snapshot)),
    probes_at: retryAfterMs > 0 ? iso(now + retryAfterMs) : null,
    last_transition: transitions[0] ?? null,
    transitions,
    ...defined({ isolated_by: isolatedBy, isolated_why: isolatedWhy }),
  };
}

function tell({ at, from, to, reason, errorType, by, why, traceId }: Transition): TransitionView {
  return {
    ...{ at: iso(at), from, to, reason },
    ...defined({ error_type: errorType, by, why, trace_id: traceId }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The entries that have a value. */
function defined<K extends string>(
  entries: Readonly<Record<K, string | undefined>>,
): Partial<Record<K, string>> {
  const present = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Partial<Record<K, string>>;
}
