/**
 * The errors of peers that the gateway passes on with their own codes.
 *
 * @module
 */
import { CATALOG_ERRORS, ORDER_ERRORS, PAYMENT_CODES } from '@breakwater/contracts';
import { ConflictError, defineKind } from '@breakwater/errors';

/** The rules that can forbid an order. */
export const ORDER_CONFLICTS = [
  CATALOG_ERRORS.insufficientStock,
  { code: PAYMENT_CODES.declined, meaning: 'The provider declined the payment.' },
  ORDER_ERRORS.inProgress,
  ORDER_ERRORS.keyReused,
].map((error) => defineKind(ConflictError.kind, error));
