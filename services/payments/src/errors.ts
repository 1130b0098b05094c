/**
 * The errors of payments.
 *
 * @module
 */
import { PAYMENT_CODES, PAYMENT_DECLINED } from '@breakwater/contracts';
import {
  BadGatewayError,
  BusinessRuleError,
  ConflictError,
  DependencyError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  defineKind,
} from '@breakwater/errors';

/** The provider's name in metrics, logs and `context.dependency`. */
export const PROVIDER = 'provider';

/** The provider declined the charge; final for this order. 409. */
export class PaymentDeclinedError extends BusinessRuleError {
  static override readonly kind = defineKind(BusinessRuleError.kind, PAYMENT_DECLINED);

  constructor(orderId: string, cause?: unknown) {
    super('The payment was declined.', { cause, context: { order_id: orderId } });
  }
}

/** The order was paid for, or tried, with another amount or currency. 409. */
export class PaymentMismatchError extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, {
    name: 'PaymentMismatchError',
    code: PAYMENT_CODES.mismatch,
    meaning: 'Payment for this order was asked for before, with another amount or currency.',
    client: 'Ask for the same amount again, or place a new order.',
  });

  constructor(orderId: string) {
    super('Payment for this order was asked for before, with another amount.', {
      context: { order_id: orderId },
    });
  }
}

/** Version 1 speaks of hundredths, and the amount makes no whole ones. 409. */
export class AmountNotRepresentableError extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, {
    name: 'AmountNotRepresentableError',
    code: PAYMENT_CODES.notRepresentable,
    meaning: 'The amount cannot be said in whole hundredths of its currency, as version 1 does.',
    client: 'Use version 2, which says amounts in the smallest unit of their currency.',
  });

  constructor(orderId: string, currency: string) {
    super(`An amount in ${currency} cannot be said in hundredths.`, {
      context: { order_id: orderId, currency, use: 'v2' },
    });
  }
}

/** The provider is unavailable, and the order is certainly not charged. 503. */
export class ProviderUnavailableError extends DependencyError {
  static override readonly kind = defineKind(DependencyUnavailableError.kind, {
    name: 'ProviderUnavailableError',
    code: PAYMENT_CODES.providerUnavailable,
    meaning: 'The payment provider is unavailable; nothing was charged.',
    client: 'Retry after Retry-After seconds; the order is not charged.',
  });
}

/** The provider failed, and the order is certainly not charged. 502. */
export class ProviderError extends DependencyError {
  static override readonly kind = defineKind(BadGatewayError.kind, {
    name: 'ProviderError',
    code: PAYMENT_CODES.providerError,
    meaning: 'The payment provider failed; nothing was charged.',
    client: 'Retry after Retry-After seconds; the order is not charged.',
  });
}

/** Whether the order is charged is not known. 504. */
export class PaymentOutcomeUnknownError extends DependencyError {
  static override readonly kind = defineKind(DependencyTimeoutError.kind, {
    name: 'PaymentOutcomeUnknownError',
    code: PAYMENT_CODES.outcomeUnknown,
    meaning: 'The payment provider gave no usable answer: the order may be charged or not.',
    client: 'Repeat the request: it finds out, and never charges twice.',
    operator: 'The cause says what came instead of an answer; look at the provider.',
  });

  constructor(orderId: string, cause: unknown) {
    super(PROVIDER, 'Whether the order is charged is not known yet.', {
      cause,
      context: { order_id: orderId },
      delivery: 'unknown',
    });
  }
}
