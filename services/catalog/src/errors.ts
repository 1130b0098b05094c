/**
 * Errors of catalog's own.
 *
 * @module
 */
import { CATALOG_ERRORS } from '@breakwater/contracts';
import { ConflictError, defineKind, type ErrorKind } from '@breakwater/errors';

/** Fewer items are in stock than were asked for: 409. */
export class InsufficientStockError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(
    ConflictError.kind,
    CATALOG_ERRORS.insufficientStock,
  );

  constructor(itemId: string, requested: number, available: number) {
    super(`Item ${itemId} has ${available} in stock, ${requested} were asked for.`, {
      context: { item_id: itemId, requested, available },
    });
  }
}

/** The order has a reservation of something else: 409. */
export class ReservationMismatchError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(
    ConflictError.kind,
    CATALOG_ERRORS.reservationMismatch,
  );

  constructor(orderId: string) {
    super('The order has reserved another item or quantity already.', {
      context: { order_id: orderId },
    });
  }
}

/** The request came after its attempt at the order was given up: 409. */
export class ReservationAbandonedError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(
    ConflictError.kind,
    CATALOG_ERRORS.reservationAbandoned,
  );

  constructor(orderId: string, attempt: number) {
    super(`Attempt ${attempt} at the order was given up before.`, {
      context: { order_id: orderId, attempt },
    });
  }
}
