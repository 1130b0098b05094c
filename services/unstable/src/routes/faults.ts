/**
 * The control endpoints: faults are set, shown and cleared.
 *
 * @module
 */
import { id } from '@breakwater/contracts';
import { AuthenticationError, NotFoundError } from '@breakwater/errors';
import { body, json, requireBearer, route, type Service } from '@breakwater/service';
import { z } from '@hono/zod-openapi';
import { fault, faultList, faultRequest } from '../fault.ts';
import type { Faults } from '../faults.ts';

/** Adds `PUT`, `GET` and `DELETE /faults` and `DELETE /faults/:id`, for holders of the token. */
export function mountFaults({ app }: Service, faults: Faults, controlToken: string): void {
  const middleware = requireBearer(controlToken);

  const addFault = route({
    method: 'put',
    path: '/faults',
    summary: 'Make a route fail for a while',
    description:
      'Adds to the faults that are active already. Every fault ends by itself, after an hour at most.',
    middleware,
    request: { body: body(faultRequest) },
    responses: { 200: json(fault, 'The fault, active from now on.') },
    errors: [AuthenticationError],
  });
  app.openapi(addFault, (c) => c.json(faults.add(c.req.valid('json')), 200));

  const listFaults = route({
    method: 'get',
    path: '/faults',
    summary: 'List the active faults and what they have hit',
    middleware,
    responses: { 200: json(faultList, 'The active faults, oldest first.') },
    errors: [AuthenticationError],
  });
  app.openapi(listFaults, (c) => c.json({ faults: faults.list() }, 200));

  const clearFaults = route({
    method: 'delete',
    path: '/faults',
    summary: 'End all faults',
    middleware,
    responses: { 204: { description: 'No fault is active.' } },
    errors: [AuthenticationError],
  });
  app.openapi(clearFaults, (c) => {
    faults.clear();
    return c.body(null, 204);
  });

  const removeFault = route({
    method: 'delete',
    path: '/faults/{id}',
    summary: 'End one fault',
    middleware,
    request: { params: z.object({ id }) },
    responses: { 204: { description: 'The fault has ended.' } },
    errors: [AuthenticationError, NotFoundError.of('fault')],
  });
  app.openapi(removeFault, (c) => {
    const faultId = c.req.valid('param').id;
    if (!faults.remove(faultId)) throw new NotFoundError('fault', faultId);
    return c.body(null, 204);
  });
}
