/**
 * Faults inside a service: latency or an exception, by route. Not there at all unless
 * `FAULT_INJECTION=on`.
 *
 * @module
 */
import { InvalidRequestError } from '@breakwater/errors';
import { handlerMethod, isQuiet, routeTemplate, type ServiceEnv } from '@breakwater/hono';
import type { Logger } from '@breakwater/otel';
import type { Random } from '@breakwater/resilience';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { type Clock, systemClock } from './clock.ts';
import { leaseSeconds, mountFaultRoutes } from './fault-routes.ts';
import { LeasedFault, LeasedFaults } from './leased-faults.ts';

const request = z.strictObject({
  route: z
    .string()
    .regex(/^[A-Z]+ \/\S*$/)
    .describe('Method and template, as POST /users or GET /orders/{id}.'),
  kind: z.enum(['latency', 'exception']),
  latency_ms: z.int().min(1).max(60_000).default(800),
  error: z
    .string()
    .regex(/^[A-Z]\w{0,63}$/)
    .default('InjectedError')
    .describe('Name of the exception, as a bug would throw it.'),
  message: z.string().min(1).max(200).default('This bug was asked for through PUT /faults.'),
  rate: z.number().min(0).max(1).default(1).describe('Share of requests that are hit.'),
  for_s: leaseSeconds.default(60).describe('Seconds until it ends by itself.'),
  seed: z.int().min(0).max(0xffffffff).optional(),
});
type Request = z.infer<typeof request>;

const fault = z.object({
  id: z.string(),
  route: z.string(),
  kind: request.shape.kind,
  latency_ms: z.int().optional(),
  error: z.string().optional(),
  rate: z.number(),
  seed: z.int().optional(),
  expires_at: z.iso.datetime(),
  requests: z.int().describe('Requests to the route since the fault began.'),
  hits: z.int().describe('Requests it has struck.'),
});

/** What makes faults of a service repeatable in a test. */
export interface ServiceFaultsOptions {
  readonly clock?: Clock;
  readonly random?: Random;
}

/** The faults of one service: {@link strike} lets them act, {@link mount} lets them be set. */
export class ServiceFaults {
  readonly #faults: LeasedFaults<Request, LeasedFault<Request>>;

  constructor({ clock = systemClock, random = Math.random }: ServiceFaultsOptions = {}) {
    this.#faults = new LeasedFaults(clock, (wanted, now) => new LeasedFault(wanted, now, random));
  }

  /** The middleware: a fault strikes before the work. What steers the service is never struck. */
  strike(logger: Logger): MiddlewareHandler<ServiceEnv> {
    return async (c, next) => {
      const { active, clock } = this.#faults;
      if (active.length === 0 || isQuiet(c.req.path)) return next();
      const route = `${handlerMethod(c)} ${routeTemplate(c)}`;
      for (const struck of active.filter((each) => each.request.route === route && each.draw())) {
        const { kind, latency_ms, error, message } = struck.request;
        struck.hit();
        logger.info(`fault ${kind} strikes ${route}`, {
          'event.name': 'fault_injected',
          fault_id: struck.id,
        });
        if (kind === 'exception') throw Object.assign(new Error(message), { name: error });
        await clock.sleep(latency_ms, AbortSignal.any([struck.ended, c.req.raw.signal]));
      }
      return next();
    };
  }

  /** Ends all faults; requests that they hold go on. */
  clear(): void {
    this.#faults.clear();
  }

  /** Adds `/faults` on `operations`, for holders of the control token; they strike routes of `app`. */
  mount(
    operations: OpenAPIHono<ServiceEnv>,
    app: OpenAPIHono<ServiceEnv>,
    controlToken: string,
  ): void {
    const control = {
      request,
      fault,
      errors: [InvalidRequestError],
      add: (wanted: Request) => describe(this.#faults.start(checked(app, wanted))),
      renew: (id: string, forS: number) => {
        const renewed = this.#faults.renewLease(id, forS);
        return renewed && describe(renewed);
      },
      list: () => this.#faults.active.map(describe),
      remove: (id: string) => this.#faults.remove(id),
      clear: () => this.#faults.clear(),
    };
    mountFaultRoutes(operations, control as never, controlToken);
  }
}

/** With the template as the router writes it. @throws {InvalidRequestError} for a route there is not */
function checked(app: OpenAPIHono<ServiceEnv>, wanted: Request): Request {
  const route = wanted.route.replaceAll(/\{(\w+)\}/g, ':$1');
  const known = app.routes.some(({ method, path }) => `${method} ${path}` === route);
  if (!known) throw new InvalidRequestError(`There is no route ${wanted.route}.`);
  return { ...wanted, route };
}

function describe(held: LeasedFault<Request>): z.infer<typeof fault> {
  const { route, kind, latency_ms, error } = held.request;
  const { id } = held;
  const what = kind === 'latency' ? { latency_ms } : { error };
  return { id, route, kind, ...what, ...held.describeLease() };
}
