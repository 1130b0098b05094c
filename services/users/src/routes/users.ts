/**
 * `POST /users`, and `GET`, `PATCH` and `DELETE /users/{id}`.
 *
 * @module
 */

import { PEER_ERRORS } from '@breakwater/client';
import { id, user, userChange, userRequest } from '@breakwater/contracts';
import { AlreadyExistsError, NotFoundError } from '@breakwater/errors';
import { body, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import { InvalidEmailFormatError, UserHasOrdersError } from '../errors.ts';
import type { Peers } from '../peers.ts';
import type { UserRepository } from '../user-repository.ts';

const params = z.strictObject({ id });
const USER_NOT_FOUND = NotFoundError.of('user');
const EMAIL_ERRORS = [InvalidEmailFormatError, AlreadyExistsError.of('user', 'email')];

const createUser = route({
  method: 'post',
  path: '/users',
  summary: 'Open an account',
  request: { body: body(userRequest) },
  responses: { 201: json(user, 'The new user.') },
  errors: EMAIL_ERRORS,
});

const getUser = route({
  method: 'get',
  path: '/users/{id}',
  summary: 'One user',
  request: { params },
  responses: { 200: json(user, 'The user.') },
  errors: [USER_NOT_FOUND],
});

const updateUser = route({
  method: 'patch',
  path: '/users/{id}',
  summary: 'Change the address or the name of a user',
  request: { params, body: body(userChange) },
  responses: { 200: json(user, 'The user as it is now.') },
  errors: [USER_NOT_FOUND, ...EMAIL_ERRORS],
});

const deleteUser = route({
  method: 'delete',
  path: '/users/{id}',
  summary: 'Close an account that has no orders',
  request: { params },
  responses: { 204: { description: 'The user is deleted.' } },
  errors: [USER_NOT_FOUND, UserHasOrdersError, ...PEER_ERRORS],
});

/** Adds the operations on users. */
export function mountUsers(app: Service['app'], users: UserRepository, peers: Peers): void {
  app.openapi(createUser, async (c) => {
    const request = c.req.valid('json');
    checkEmail(request.email);
    const created = await users.create(request);
    c.header('location', `/users/${created.id}`);
    return c.json(created, 201);
  });

  app.openapi(getUser, async (c) => c.json(await users.get(c.req.valid('param').id), 200));

  app.openapi(updateUser, async (c) => {
    const change = c.req.valid('json');
    if (change.email !== undefined) checkEmail(change.email);
    return c.json(await users.update(c.req.valid('param').id, change), 200);
  });

  app.openapi(deleteUser, async (c) => {
    const { id: userId } = c.req.valid('param');
    await users.get(userId);
    const orders = await peers.countOrders(userId);
    if (orders > 0) throw new UserHasOrdersError(userId, orders);
    await users.delete(userId);
    return c.body(null, 204);
  });
}

const emailFormat = z.email();

/** @throws {InvalidEmailFormatError} */
function checkEmail(email: string): void {
  if (!emailFormat.safeParse(email).success) throw new InvalidEmailFormatError(email);
}
