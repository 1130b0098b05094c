/**
 * Errors of users' own.
 *
 * @module
 */
import { USER_ERRORS } from '@breakwater/contracts';
import { ConflictError, defineKind, type ErrorKind, InvalidRequestError } from '@breakwater/errors';

/** The address is not written like one: 400. */
export class InvalidEmailFormatError extends InvalidRequestError {
  static override readonly kind: ErrorKind = defineKind(
    InvalidRequestError.kind,
    USER_ERRORS.invalidEmail,
  );

  constructor(email: string) {
    super('This is no e-mail address.', { context: { email } });
  }
}

/** Orders refer to the user: 409. */
export class UserHasOrdersError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(ConflictError.kind, USER_ERRORS.hasOrders);

  constructor(userId: string, orders: number) {
    super(`User ${userId} has orders and cannot be deleted.`, {
      context: { user_id: userId, orders },
    });
  }
}
