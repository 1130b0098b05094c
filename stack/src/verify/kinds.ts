import type { SpanKind } from '@breakwater/timeline';

/** What the provider is told to do with the orders of a kind, which it knows by their amount. */
export interface Fault {
  readonly kind: 'status' | 'latency' | 'abort' | 'malformed' | 'hang';
  readonly status?: number;
  readonly latency_ms?: number;
}

/** One way a request can go, and everything that must be true of it afterwards. */
export interface RequestKind {
  readonly name: string;
  /** Its part of the requests; parts are relative. */
  readonly share: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fault?: Fault;
  /** Amount of the orders that the fault strikes, in cents. */
  readonly amountCents?: number;
  readonly status: number;
  /** The code of the answer; absent on a success. */
  readonly errorCode?: string;
  /** Where the error belongs: a span of this service and kind has failed. */
  readonly errorSpan?: { readonly service: string; readonly kind: SpanKind };
  /** Services that take part; each has a SERVER span and at least one line. */
  readonly services: readonly string[];
  /** Whether a circuit is to refuse it; a probe of the circuit is let through instead. */
  readonly refused?: true;
}

const PRICE_CENTS = 500;
const EDGE = ['gateway'];
const ALL = ['gateway', 'orders', 'catalog', 'payments', 'unstable'];

function order(fields: object): Pick<RequestKind, 'method' | 'path' | 'body'> {
  const body = { user_id: 'user1', item_id: 'item1', quantity: 1, ...fields };
  return { method: 'POST', path: '/orders', body: JSON.stringify(body) };
}

/** Orders of a quantity of their own, which the provider fails in one way. */
function faulty(quantity: number, fault: Fault) {
  return { ...order({ quantity }), fault, amountCents: quantity * PRICE_CENTS, services: ALL };
}

const failed = (service: string, kind: SpanKind) => ({ service, kind });

/**
 * The mix. The provider fails less than half of the charges it is asked for, so that its circuit
 * stays closed and every kind is answered as it should be.
 */
export const KINDS: readonly RequestKind[] = [
  { name: 'order', share: 50, ...order({}), status: 201, services: ALL },
  {
    name: 'browse',
    share: 5,
    method: 'GET',
    path: '/items',
    status: 200,
    services: ['gateway', 'catalog'],
  },
  {
    name: 'item not found',
    share: 14,
    method: 'GET',
    path: '/items/nowhere',
    status: 404,
    errorCode: 'ITEM_NOT_FOUND',
    errorSpan: failed('catalog', 'server'),
    services: ['gateway', 'catalog'],
  },
  {
    name: 'out of stock',
    share: 14,
    ...order({ item_id: 'item2', quantity: 10 }),
    status: 409,
    errorCode: 'INSUFFICIENT_STOCK',
    errorSpan: failed('catalog', 'server'),
    services: ['gateway', 'orders', 'catalog'],
  },
  {
    name: 'invalid at the edge',
    share: 12,
    ...order({ quantity: 'many' }),
    status: 422,
    errorCode: 'VALIDATION_ERROR',
    errorSpan: failed('gateway', 'server'),
    services: EDGE,
  },
  {
    name: 'malformed JSON',
    share: 12,
    ...order({}),
    body: '{"user_id":',
    status: 422,
    errorCode: 'VALIDATION_ERROR',
    errorSpan: failed('gateway', 'server'),
    services: EDGE,
  },
  {
    name: 'provider answers 500',
    share: 3,
    ...faulty(2, { kind: 'status', status: 500 }),
    status: 502,
    errorCode: 'BAD_GATEWAY',
    errorSpan: failed('unstable', 'server'),
  },
  {
    name: 'provider answers 503',
    share: 3,
    ...faulty(3, { kind: 'status', status: 503 }),
    status: 503,
    errorCode: 'DEPENDENCY_UNAVAILABLE',
    errorSpan: failed('unstable', 'server'),
  },
  {
    name: 'provider hangs',
    share: 2,
    ...faulty(4, { kind: 'hang' }),
    status: 504,
    errorCode: 'DEPENDENCY_TIMEOUT',
    errorSpan: failed('payments', 'client'),
  },
  {
    name: 'connection broken',
    share: 2,
    ...faulty(5, { kind: 'abort' }),
    status: 504,
    errorCode: 'DEPENDENCY_TIMEOUT',
    errorSpan: failed('payments', 'client'),
  },
  {
    name: 'malformed answer',
    share: 2,
    ...faulty(6, { kind: 'malformed' }),
    status: 504,
    errorCode: 'DEPENDENCY_TIMEOUT',
    errorSpan: failed('payments', 'server'),
  },
];

/** Sent while the provider fails every charge: first it fails, then its circuit is open. */
export const TRIP: RequestKind = {
  name: 'provider down',
  share: 0,
  ...order({}),
  fault: { kind: 'status', status: 503 },
  status: 503,
  errorCode: 'DEPENDENCY_UNAVAILABLE',
  errorSpan: failed('payments', 'server'),
  services: ['gateway', 'orders', 'catalog', 'payments'],
};

/** Sent while the circuit of the provider is open: payments refuses, and the provider hears nothing. */
export const REJECTED: RequestKind = {
  name: 'circuit open',
  share: 6,
  ...order({}),
  status: 503,
  errorCode: 'DEPENDENCY_UNAVAILABLE',
  errorSpan: failed('payments', 'server'),
  services: ['gateway', 'orders', 'catalog', 'payments'],
  refused: true,
};
