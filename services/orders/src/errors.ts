/**
 * Errors of orders' own, and how those of its peers read to its clients.
 *
 * @module
 */

import { fromPeer } from '@breakwater/client';
import { CATALOG_ERRORS, ORDER_ERRORS, PAYMENT_DECLINED } from '@breakwater/contracts';
import {
  AppError,
  BadGatewayError,
  ConflictError,
  DependencyError,
  DependencyTimeoutError,
  defineKind,
  type ErrorKind,
  NotFoundError,
  originOf,
  toAppError,
} from '@breakwater/errors';
import type { Rejection } from './schema.ts';

/** Another request is settling the order at this moment: 409. */
export class OrderInProgressError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(
    ConflictError.kind,
    ORDER_ERRORS.inProgress,
  );

  constructor(orderId: string) {
    super('This order is being settled at this moment.', { context: { order_id: orderId } });
  }
}

/** The key was used for another order: 409. */
export class IdempotencyKeyReusedError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(ConflictError.kind, ORDER_ERRORS.keyReused);

  constructor() {
    super('This Idempotency-Key was used before, for another order.');
  }
}

/** Whether the order is paid is not known: 504. The order stays, and is settled later. */
export class PaymentPendingError extends DependencyError {
  static override readonly kind: ErrorKind = defineKind(
    DependencyTimeoutError.kind,
    ORDER_ERRORS.paymentPending,
  );

  constructor(orderId: string, cause: unknown) {
    super('payments', 'Whether the order is paid is not known yet.', {
      cause,
      delivery: 'unknown',
      context: { order_id: orderId },
    });
  }
}

/** What ends an order for good: the rules of catalog and payments that say no. */
export const REJECTIONS: ReadonlyMap<string, ErrorKind> = new Map(
  [
    NotFoundError.of('item'),
    defineKind(ConflictError.kind, CATALOG_ERRORS.insufficientStock),
    defineKind(ConflictError.kind, PAYMENT_DECLINED),
  ].map((kind) => [kind.code, kind]),
);

/** A rule of the business ended the order: the peer's own code, now and at each repeat. */
export class OrderRejectedError extends AppError {
  constructor(orderId: string, { code, message, context }: Rejection, cause?: unknown) {
    super(message, {
      ...(REJECTIONS.has(code) ? { kind: REJECTIONS.get(code) as ErrorKind } : {}),
      context: { ...context, order_id: orderId },
      cause,
    });
  }
}

/** The rejection a peer's answer means; undefined when it is anything else. */
export function rejectionOf(thrown: unknown): Rejection | undefined {
  if (!(thrown instanceof AppError) || !originOf(thrown)) return undefined;
  const { code, message, context } = thrown;
  return REJECTIONS.has(code) ? { code, message, context } : undefined;
}

/**
 * The error to answer with when a call to `peer` failed for a technical reason, with the order's
 * id in its context. A 4xx that is no rejection says that this service asked wrongly: the client
 * of this service is not to blame.
 */
export function peerFailure(peer: string, thrown: unknown, orderId: string): AppError {
  const read = toAppError(fromPeer(peer, thrown));
  const error = originOf(read)
    ? new BadGatewayError(peer, { cause: read, context: { dependency_code: read.code } })
    : read;
  const { message, kind, internal, cause, retryAfterS } = error;
  const options = {
    kind,
    internal,
    cause,
    context: { ...error.context, order_id: orderId },
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  };
  // Only AppError's constructor runs: those of the families build messages that stand already.
  return Reflect.construct(AppError, [message, options], error.constructor);
}
