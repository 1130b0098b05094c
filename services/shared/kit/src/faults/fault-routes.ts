/**
 * The control endpoints of whoever has faults: they are set, shown, renewed and ended.
 *
 * @module
 */
import { NotFoundError } from '@breakwater/errors';
import {
  body,
  type DeclaredError,
  json,
  requireBearer,
  route,
  type ServiceEnv,
  TOKEN_ERRORS,
} from '@breakwater/hono';
import { type OpenAPIHono, z } from '@hono/zod-openapi';

const id = z.string().min(1).max(64);

/** Seconds that a lease may last. */
export const leaseSeconds = z.int().min(1).max(3_600);

/** Body of `PUT /faults/{id}`. */
const lease = z.strictObject({ for_s: leaseSeconds.describe('Seconds from now until it ends.') });

/** What the endpoints steer; `R` asks for a fault, `F` tells of one. */
export interface FaultControl<R, F> {
  readonly request: z.ZodType<R>;
  readonly fault: z.ZodType<F>;
  /** Errors that `add` can throw. */
  readonly errors?: readonly DeclaredError[];
  add(request: R): F;
  renew(id: string, forS: number): F | undefined;
  list(): F[];
  remove(id: string): boolean;
  clear(): void;
}

/**
 * Adds `PUT`, `GET` and `DELETE /faults` and `PUT` and `DELETE /faults/{id}`, for holders of the
 * control token.
 */
export function mountFaultRoutes<R, F>(
  app: OpenAPIHono<ServiceEnv>,
  control: FaultControl<R, F>,
  controlToken: string,
): void {
  const middleware = requireBearer(controlToken);
  const { fault, request } = control;

  const addFault = route({
    method: 'put',
    path: '/faults',
    summary: 'Make a route fail for a while',
    description:
      'Adds to the faults that are active already. Every fault ends by itself, after an hour at most.',
    middleware,
    request: { body: body(request) },
    responses: { 200: json(fault, 'The fault, active from now on.') },
    errors: [...TOKEN_ERRORS, ...(control.errors ?? [])],
  });
  app.openapi(
    addFault,
    (c) => c.json(control.add(c.req.valid('json') as R) as object, 200) as never,
  );

  const renewFault = route({
    method: 'put',
    path: '/faults/{id}',
    summary: 'Let a fault last: its lease starts anew',
    middleware,
    request: { params: z.object({ id }), body: body(lease) },
    responses: { 200: json(fault, 'The fault with its new end.') },
    errors: [...TOKEN_ERRORS, NotFoundError.of('fault')],
  });
  app.openapi(renewFault, (c) => {
    const faultId = c.req.valid('param').id;
    const renewed = control.renew(faultId, c.req.valid('json').for_s);
    if (!renewed) throw new NotFoundError('fault', faultId);
    return c.json(renewed as object, 200) as never;
  });

  const listFaults = route({
    method: 'get',
    path: '/faults',
    summary: 'List the active faults and what they have hit',
    middleware,
    responses: {
      200: json(z.object({ faults: z.array(fault) }), 'The active faults, oldest first.'),
    },
    errors: [...TOKEN_ERRORS],
  });
  app.openapi(listFaults, (c) => c.json({ faults: control.list() as object[] }, 200) as never);

  const clearFaults = route({
    method: 'delete',
    path: '/faults',
    summary: 'End all faults',
    middleware,
    responses: { 204: { description: 'No fault is active.' } },
    errors: [...TOKEN_ERRORS],
  });
  app.openapi(clearFaults, (c) => {
    control.clear();
    return c.body(null, 204);
  });

  const removeFault = route({
    method: 'delete',
    path: '/faults/{id}',
    summary: 'End one fault',
    middleware,
    request: { params: z.object({ id }) },
    responses: { 204: { description: 'The fault has ended.' } },
    errors: [...TOKEN_ERRORS, NotFoundError.of('fault')],
  });
  app.openapi(removeFault, (c) => {
    const faultId = c.req.valid('param').id;
    if (!control.remove(faultId)) throw new NotFoundError('fault', faultId);
    return c.body(null, 204);
  });
}
