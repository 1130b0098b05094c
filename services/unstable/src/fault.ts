/**
 * What a fault is, as the control endpoints speak of it.
 *
 * @module
 */
import { amountCents, id, timestamp } from '@breakwater/contracts';
import { leaseSeconds } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';

/** Routes that fail on command. */
export const FAULTY_ROUTES = [
  'POST /charges',
  'GET /charges',
  'GET /charges/:key',
  'POST /deliveries',
  'GET /fake_service',
  'GET /unstable',
] as const;
export type FaultyRoute = (typeof FAULTY_ROUTES)[number];

/** Statuses that a `status` fault may answer with. */
export const FAULT_STATUSES = [429, 500, 502, 503, 504] as const;
export type FaultStatus = (typeof FAULT_STATUSES)[number];

export const faultKind = z.enum(['status', 'latency', 'abort', 'malformed', 'hang']);
export type FaultKind = z.infer<typeof faultKind>;

const when = z
  .enum(['before', 'after'])
  .describe(
    'Whether it strikes before the work or after it. Default: before for status and latency; after for abort, malformed and hang, where the work is done and the client does not learn of it.',
  );
const seed = z.int().min(0).max(0xffffffff).describe('Makes the sequence of hits repeatable.');

/** Body of `PUT /faults`. */
export const faultRequest = z
  .strictObject({
    route: z.enum(FAULTY_ROUTES),
    kind: faultKind,
    when: when.optional(),
    status: z.literal([...FAULT_STATUSES]).default(503),
    latency_ms: z.int().min(1).max(60_000).default(800),
    rate: z.number().min(0).max(1).default(1).describe('Share of requests that are hit.'),
    amount_cents: amountCents
      .optional()
      .describe('Strikes only requests whose body asks for this amount.'),
    for_s: leaseSeconds.default(60).describe('Seconds until it ends by itself.'),
    seed: seed.optional(),
  })
  .refine(({ kind, when }) => kind !== 'status' || when !== 'after', {
    path: ['when'],
    message: 'an error status after the work would break the promise that nothing was done',
  });
export type FaultRequest = z.infer<typeof faultRequest>;

/** An active fault. */
export const fault = z.object({
  id,
  route: z.enum(FAULTY_ROUTES),
  kind: faultKind,
  when,
  /** Of a `status` fault only. */
  status: z.literal([...FAULT_STATUSES]).optional(),
  /** Of a `latency` fault only. */
  latency_ms: z.int().optional(),
  amount_cents: amountCents.optional(),
  rate: z.number(),
  seed: seed.optional(),
  expires_at: timestamp,
  /** Requests to the route, of its amount where it has one, since the fault began. */
  requests: z.int(),
  /** Requests it has struck. */
  hits: z.int(),
});
export type Fault = z.infer<typeof fault>;
