/**
 * The middleware that lets active faults strike.
 *
 * @module
 */
import { RequestCancelledError } from '@breakwater/errors';
import type { ServiceEnv } from '@breakwater/hono';
import type { Logger } from '@breakwater/otel';
import type { Context, MiddlewareHandler } from 'hono';
import { breakConnection } from './break-connection.ts';
import { InjectedFaultError } from './errors.ts';
import type { FaultKind, FaultyRoute } from './fault.ts';
import type { ActiveFault, Faults } from './faults.ts';

/** Delays come first, so that they combine with the one fault that decides the answer. */
const ORDER: readonly FaultKind[] = ['latency', 'hang', 'status', 'malformed', 'abort'];

/** What a `malformed` fault answers with when no work was done. */
const TRUNCATED = '{"id":"';

/**
 * Guards a route: faults active for it strike before or after its handler. Where the route has a
 * body it comes after `jsonBody`.
 */
export function injectFaults(
  faults: Faults,
  route: FaultyRoute,
  logger: Logger,
): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const drawn = faults
      .draw(route, await amountOf(c))
      .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    const strikeAll = async (when: ActiveFault['when']) => {
      for (const fault of drawn) {
        if (fault.when !== when || fault.ended.aborted) continue;
        fault.hit();
        logger.info(`fault ${fault.kind} strikes ${route} ${when} the work`, {
          'event.name': 'fault_injected',
          fault_id: fault.id,
        });
        const answer = await strike(c, fault, faults);
        if (answer) return answer;
      }
      return undefined;
    };

    const early = await strikeAll('before');
    if (early) return early;
    await next();
    const late = await strikeAll('after');
    if (!late) return;
    // Hono would keep the headers of the answer that is replaced.
    c.res = undefined;
    c.res = late;
  };
}

/** The amount in the body, if there is one. */
async function amountOf(c: Context): Promise<number | undefined> {
  if (c.req.method !== 'POST') return undefined;
  const body: unknown = await c.req.json();
  const amount = (body as { amount_cents?: unknown } | undefined)?.amount_cents;
  return typeof amount === 'number' ? amount : undefined;
}

/** The answer a fault enforces; undefined when it only took time. */
async function strike(
  c: Context<ServiceEnv>,
  fault: ActiveFault,
  { clock }: Faults,
): Promise<Response | undefined> {
  switch (fault.kind) {
    case 'latency':
      await clock.sleep(fault.latencyMs, fault.ended);
      return undefined;
    case 'hang':
      await eitherAborts(fault.ended, c.req.raw.signal);
      if (c.req.raw.signal.aborted) throw new RequestCancelledError('The client gave up waiting.');
      return undefined;
    case 'status':
      throw new InjectedFaultError(fault.status, 'The provider fails on command.', fault.id);
    case 'malformed':
      return malformed(c, fault);
    case 'abort':
      return breakConnection(
        c,
        new InjectedFaultError(503, 'The connection was broken on command.', fault.id),
      );
  }
}

/** The answer to the work with the second half of its body missing. */
async function malformed(c: Context<ServiceEnv>, fault: ActiveFault): Promise<Response> {
  if (fault.when === 'before')
    return c.body(TRUNCATED, 200, { 'content-type': 'application/json' });
  const body = await c.res.text();
  return new Response(body.slice(0, Math.floor(body.length / 2)), c.res);
}

function eitherAborts(...signals: AbortSignal[]): Promise<void> {
  const signal = AbortSignal.any(signals);
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
