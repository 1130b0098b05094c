/**
 * The errors of peers that the gateway passes on with their own codes.
 *
 * @module
 */
import { CATALOG_ERRORS, ORDER_ERRORS, PAYMENT_DECLINED, USER_ERRORS } from '@breakwater/contracts';
import {
  AlreadyExistsError,
  ConflictError,
  defineKind,
  InvalidRequestError,
} from '@breakwater/errors';

/** The rules that can forbid an order. */
export const ORDER_CONFLICTS = [
  CATALOG_ERRORS.insufficientStock,
  PAYMENT_DECLINED,
  ORDER_ERRORS.inProgress,
  ORDER_ERRORS.keyReused,
].map((error) => defineKind(ConflictError.kind, error));

/** What can be wrong with the address of a new user. */
export const EMAIL_ERRORS = [
  defineKind(InvalidRequestError.kind, USER_ERRORS.invalidEmail),
  AlreadyExistsError.of('user', 'email'),
];
