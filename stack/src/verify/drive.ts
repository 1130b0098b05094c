import { randomBytes } from 'node:crypto';
import { type Fault, KINDS, type RequestKind } from './kinds.ts';

/** One request and its answer as the client saw it. */
export interface Driven {
  readonly kind: RequestKind;
  readonly traceId: string;
  readonly status: number;
  /** `error_code` of the body, if it has one. */
  readonly errorCode: string | undefined;
  /** Unix milliseconds when the answer was there. */
  readonly answeredMs: number;
}

export interface DriveOptions {
  readonly gatewayUrl: string;
  readonly providerUrl: string;
  readonly controlToken: string;
  readonly requests: number;
  readonly concurrency: number;
  readonly report: (sentence: string) => void;
}

/** Splits a number of requests over the kinds by their shares; every kind gets at least one. */
export function plan(
  requests: number,
  kinds: readonly RequestKind[] = KINDS,
): Map<RequestKind, number> {
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  const counts = new Map(
    kinds.map((kind) => [kind, Math.max(1, Math.floor((requests * kind.share) / total))] as const),
  );
  const planned = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const first = kinds[0];
  if (first) counts.set(first, Math.max(1, (counts.get(first) ?? 0) + requests - planned));
  return counts;
}

/**
 * Sends all requests, one kind after the other, each kind under its fault. Every fourth request
 * brings a `traceparent` of its own whose sampled flag is off, which must hide nothing.
 */
export async function drive(options: DriveOptions): Promise<Driven[]> {
  const driven: Driven[] = [];
  for (const [kind, count] of plan(options.requests)) {
    options.report(`${count} × ${kind.name}`);
    await setFault(options, kind.fault);
    try {
      const pending = Array.from({ length: count }, (_, i) => i);
      const worker = async () => {
        for (let i = pending.shift(); i !== undefined; i = pending.shift()) {
          driven.push(await send(options.gatewayUrl, kind, i));
        }
      };
      await Promise.all(Array.from({ length: options.concurrency }, worker));
    } finally {
      await setFault(options, undefined);
    }
  }
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
  const body: unknown = await response.json().catch(() => undefined);
  const errorCode = (body as { error_code?: unknown } | undefined)?.error_code;
  return {
    kind,
    traceId: response.headers.get('x-trace-id') ?? '',
    status: response.status,
    errorCode: typeof errorCode === 'string' ? errorCode : undefined,
    answeredMs: Date.now(),
  };
}

/** Replaces whatever faults the provider has; the lease ends it should `verify` be killed. */
async function setFault(options: DriveOptions, fault: Fault | undefined): Promise<void> {
  const url = `${options.providerUrl}/faults`;
  const authorization = `Bearer ${options.controlToken}`;
  await expectOk(fetch(url, { method: 'DELETE', headers: { authorization } }), 'clear faults');
  if (!fault) return;
  const body = JSON.stringify({ ...fault, for_s: 120 });
  const headers = { authorization, 'content-type': 'application/json' };
  await expectOk(fetch(url, { method: 'PUT', headers, body }), 'set a fault');
}

async function expectOk(request: Promise<Response>, what: string): Promise<void> {
  const response = await request;
  if (!response.ok) {
    throw new Error(
      `cannot ${what}: the provider answered ${response.status} ${await response.text()}`,
    );
  }
}

function unsampledTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}
