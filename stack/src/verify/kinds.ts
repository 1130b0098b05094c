import type { SpanKind } from '@breakwater/story';

/** What the provider is told to do while requests of a kind run. */
export interface Fault {
  readonly route: 'POST /charges';
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
  readonly status: number;
  /** The code of the answer; absent on a success. */
  readonly errorCode?: string;
  /** Where the error belongs: a span of this service and kind has failed. */
  readonly errorSpan?: { readonly service: string; readonly kind: SpanKind };
  /** Services that take part; each has a SERVER span and at least one line. */
  readonly services: readonly string[];
}

const ORDER = { method: 'POST', path: '/orders' } as const;
const order = (fields: object) =>
  JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1, ...fields });
const ALL = ['gateway', 'orders', 'catalog', 'payments', 'unstable'];
const charge = (fault: Omit<Fault, 'route'>): Fault => ({ route: 'POST /charges', ...fault });

/** Every way a request goes in `verify`. */
export const KINDS: readonly RequestKind[] = [
  {
    name: 'browse',
    share: 20,
    method: 'GET',
    path: '/items',
    status: 200,
    services: ['gateway', 'catalog'],
  },
  { name: 'order', share: 20, ...ORDER, body: order({}), status: 201, services: ALL },
  {
    name: 'item not found',
    share: 8,
    method: 'GET',
    path: '/items/nowhere',
    status: 404,
    errorCode: 'ITEM_NOT_FOUND',
    errorSpan: { service: 'catalog', kind: 'server' },
    services: ['gateway', 'catalog'],
  },
  {
    name: 'out of stock',
    share: 8,
    ...ORDER,
    body: order({ item_id: 'item2', quantity: 10 }),
    status: 409,
    errorCode: 'INSUFFICIENT_STOCK',
    errorSpan: { service: 'catalog', kind: 'server' },
    services: ['gateway', 'orders', 'catalog'],
  },
  {
    name: 'invalid at the edge',
    share: 8,
    ...ORDER,
    body: order({ quantity: 'many' }),
    status: 422,
    errorCode: 'VALIDATION_ERROR',
    errorSpan: { service: 'gateway', kind: 'server' },
    services: ['gateway'],
  },
  {
    name: 'malformed JSON',
    share: 8,
    ...ORDER,
    body: '{"user_id":',
    status: 422,
    errorCode: 'VALIDATION_ERROR',
    errorSpan: { service: 'gateway', kind: 'server' },
    services: ['gateway'],
  },
  {
    name: 'provider answers 500',
    share: 6,
    ...ORDER,
    body: order({}),
    fault: charge({ kind: 'status', status: 500 }),
    status: 502,
    errorCode: 'BAD_GATEWAY',
    errorSpan: { service: 'unstable', kind: 'server' },
    services: ALL,
  },
  {
    name: 'provider answers 503',
    share: 6,
    ...ORDER,
    body: order({}),
    fault: charge({ kind: 'status', status: 503 }),
    status: 503,
    errorCode: 'DEPENDENCY_UNAVAILABLE',
    errorSpan: { service: 'unstable', kind: 'server' },
    services: ALL,
  },
  {
    name: 'provider hangs',
    share: 4,
    ...ORDER,
    body: order({}),
    fault: charge({ kind: 'hang' }),
    status: 504,
    errorCode: 'DEPENDENCY_TIMEOUT',
    errorSpan: { service: 'payments', kind: 'client' },
    services: ALL,
  },
  {
    name: 'connection broken',
    share: 4,
    ...ORDER,
    body: order({}),
    fault: charge({ kind: 'abort' }),
    status: 504,
    errorCode: 'DEPENDENCY_TIMEOUT',
    errorSpan: { service: 'payments', kind: 'client' },
    services: ALL,
  },
  {
    name: 'malformed answer',
    share: 4,
    ...ORDER,
    body: order({}),
    fault: charge({ kind: 'malformed' }),
    status: 504,
    errorCode: 'DEPENDENCY_TIMEOUT',
    errorSpan: { service: 'payments', kind: 'server' },
    services: ALL,
  },
  {
    name: 'deadline used up',
    share: 4,
    ...ORDER,
    body: order({}),
    headers: { 'x-deadline-ms': '400' },
    fault: charge({ kind: 'latency', latency_ms: 1_200 }),
    status: 504,
    errorCode: 'DEADLINE_EXCEEDED',
    errorSpan: { service: 'gateway', kind: 'server' },
    services: ALL,
  },
];
