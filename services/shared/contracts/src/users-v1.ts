/**
 * What users agrees on with those who keep accounts through it.
 *
 * @module
 */
import { z } from 'zod';
import { id, timestamp } from './values.ts';

/** Errors of users that its clients tell apart or pass on: code and meaning. */
export const USER_ERRORS = {
  /** 400, context `{email}`. */
  invalidEmail: {
    name: 'InvalidEmailFormatError',
    code: 'INVALID_EMAIL_FORMAT',
    meaning: 'The e-mail address is not written like one.',
    client: 'Let the user correct the address.',
  },
  /** 409, context `{user_id, orders}`. */
  hasOrders: {
    name: 'UserHasOrdersError',
    code: 'USER_HAS_ORDERS',
    meaning: 'A user who has orders cannot be deleted.',
    client: 'Keep the user: orders refer to it.',
  },
} as const;

/** An e-mail address as it is sent; whether it is written like one is `INVALID_EMAIL_FORMAT`. */
const email = z.string().min(1).max(254);
const name = z.string().trim().min(1).max(200);

/** Body of `POST /users`. */
export const userRequest = z.strictObject({ email, name });
export type UserRequest = z.infer<typeof userRequest>;

/** Body of `PATCH /users/:id`: what changes. */
export const userChange = z
  .strictObject({ email: email.optional(), name: name.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something');
export type UserChange = z.infer<typeof userChange>;

/** An account. No two have the same address, however it is capitalised. */
export const user = z.object({
  id,
  email: z.string(),
  name: z.string(),
  created_at: timestamp,
  updated_at: timestamp,
});
export type User = z.infer<typeof user>;
