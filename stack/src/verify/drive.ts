import { randomBytes } from 'node:crypto';
import { StackError } from '../errors.ts';
import { KINDS, REJECTED, type RequestKind, TRIP } from './kinds.ts';
import { makePlan } from './plan.ts';
import type { Provider } from './provider.ts';

/** One request and its answer as the client saw it. */
export interface Driven {
  readonly kind: RequestKind;
  readonly traceId: string;
  readonly status: number;
  /** `error_code` of the body, if it has one. */
  readonly errorCode: string | undefined;
}

export interface DriveOptions {
  readonly gatewayUrl: string;
  readonly provider: Provider;
  readonly requests: number;
  readonly concurrency: number;
  readonly report: (sentence: string) => void;
}

/** Orders between two looks at the circuit, and how often it is looked at. */
const TRIPPING_ORDERS = 8;
const TRIPPING_ROUNDS = 20;

/**
 * Sends all requests: first the mix, in which every kind of failure happens at once, then those
 * that meet the open circuit of the provider. Every fourth request brings a `traceparent` of its
 * own whose sampled flag is off, which must hide nothing.
 */
export async function drive(options: DriveOptions): Promise<Driven[]> {
  const { gatewayUrl, provider, concurrency, report } = options;
  const plan = makePlan(options.requests);
  const sendAll = (kinds: readonly RequestKind[]) => inTurn(kinds, concurrency, gatewayUrl);
  try {
    for (const { fault, amountCents } of KINDS) {
      if (fault) await provider.setFault({ ...fault, amount_cents: amountCents });
    }
    report(`sending ${plan.mixed.length} requests of ${KINDS.length} kinds`);
    const mixed = await sendAll(plan.mixed);
    await provider.clearFaults();

    report('opening the circuit of the provider');
    await provider.setFault({ ...TRIP.fault });
    const tripping = await trip(provider, () => sendAll(Array(TRIPPING_ORDERS).fill(TRIP)));
    report(`sending ${plan.rejected} requests to the open circuit`);
    const rejected = await sendAll(Array(plan.rejected).fill(REJECTED));
    return [...mixed, ...tripping, ...rejected];
  } finally {
    await provider.clearFaults();
  }
}

/** Sends failing orders until the circuit is open: what it saw before counts in it too. */
async function trip(provider: Provider, sendSome: () => Promise<Driven[]>): Promise<Driven[]> {
  const driven: Driven[] = [];
  for (let round = 0; round < TRIPPING_ROUNDS; round++) {
    driven.push(...(await sendSome()));
    if (await provider.isCircuitOpen()) return driven;
  }
  throw new StackError(
    'the circuit of the provider does not open although every charge fails; see /breakers of payments',
  );
}

/** Sends requests in the order given, some at a time. */
async function inTurn(
  kinds: readonly RequestKind[],
  concurrency: number,
  gatewayUrl: string,
): Promise<Driven[]> {
  const pending = kinds.entries();
  const driven: Driven[] = [];
  const worker = async () => {
    for (const [i, kind] of pending) driven.push(await send(gatewayUrl, kind, i));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return driven;
}

async function send(gatewayUrl: string, kind: RequestKind, i: number): Promise<Driven> {
  const headers: Record<string, string> = { ...kind.headers };
  if (kind.body !== undefined) headers['content-type'] = 'application/json';
  if (i % 4 === 3) headers.traceparent = unsampledTraceparent();
  const response = await fetch(`${gatewayUrl}${kind.path}`, {
    method: kind.method,
    headers,
    ...(kind.body === undefined ? {} : { body: kind.body }),
  });
  const traceId = response.headers.get('x-trace-id');
  if (traceId === null) {
    throw new StackError(`${gatewayUrl} is not the gateway: its answer has no X-Trace-ID`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  const errorCode = (body as { error_code?: unknown } | undefined)?.error_code;
  return {
    kind,
    traceId,
    status: response.status,
    errorCode: typeof errorCode === 'string' ? errorCode : undefined,
  };
}

function unsampledTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}
