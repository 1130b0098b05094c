/**
 * `POST /users` and `GET /users/{id}`.
 *
 * @module
 */

import { PEER_ERRORS } from '@breakwater/client';
import { id, user, userRequest } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { body, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import { EMAIL_ERRORS } from '../errors.ts';
import type { Peers } from '../peers.ts';

const createUser = route({
  method: 'post',
  path: '/users',
  summary: 'Open an account',
  request: { body: body(userRequest) },
  responses: { 201: json(user, 'The new user.') },
  errors: [...EMAIL_ERRORS, ...PEER_ERRORS],
});

const getUser = route({
  method: 'get',
  path: '/users/{id}',
  summary: 'One user',
  request: { params: z.strictObject({ id }) },
  responses: { 200: json(user, 'The user.') },
  errors: [NotFoundError.of('user'), ...PEER_ERRORS],
});

/** Adds the operations on users. */
export function mountUsers(app: Service['app'], peers: Peers): void {
  app.openapi(createUser, async (c) => {
    const { body: created } = await peers.createUser(c.req.valid('json'));
    c.header('location', `/users/${created.id}`);
    return c.json(created, 201);
  });
  app.openapi(getUser, async (c) => c.json(await peers.getUser(c.req.valid('param').id), 200));
}
