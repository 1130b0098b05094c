/**
 * Taking payment for an order, once.
 *
 * @module
 */
import type {
  Charge,
  PaymentV2 as Payment,
  PaymentRecordV2 as PaymentRecord,
  PaymentRequestV2 as PaymentRequest,
} from '@breakwater/contracts';
import { type AppError, NotFoundError } from '@breakwater/errors';
import {
  PaymentDeclinedError,
  PaymentOutcomeUnknownError,
  PROVIDER,
  ProviderError,
  ProviderUnavailableError,
} from './errors.ts';
import type { Attempt, PaymentRepository } from './payment-repository.ts';
import type { Provider } from './peers.ts';
import { classifyFailure } from './provider-failure.ts';

/** A payment, and whether this request made it. */
export interface PaymentResult {
  readonly payment: Payment;
  readonly created: boolean;
}

/**
 * Pays for an order, or finds that it is paid. A repeat continues where the last attempt ended: the
 * provider knows the order by its key and never charges it twice.
 *
 * @throws {PaymentDeclinedError} when the provider declined, now or before
 * @throws {ProviderUnavailableError} when the order is certainly not charged, and may be later
 * @throws {ProviderError} likewise
 * @throws {PaymentOutcomeUnknownError} when the order may be charged or not
 * @throws {PaymentMismatchError} when the order was tried with another amount or currency
 */
export async function takePayment(
  repository: PaymentRepository,
  provider: Provider,
  request: PaymentRequest,
): Promise<PaymentResult> {
  const { settled, attempt } = await repository.begin(request);
  if (settled?.status === 'declined') throw new PaymentDeclinedError(request.order_id);
  if (settled) return { payment: asPayment(settled), created: false };

  let charge: Charge;
  try {
    charge = await provider.charge(request);
  } catch (thrown) {
    throw await failureOf(repository, attempt, thrown);
  }
  return record(repository, request, charge);
}

/** What is known about the payment of an order. @throws {NotFoundError} `PAYMENT_NOT_FOUND` */
export async function findPayment(
  repository: PaymentRepository,
  orderId: string,
): Promise<PaymentRecord> {
  const found = await repository.find(orderId);
  if (!found) throw new NotFoundError('payment', orderId);
  return found;
}

/** Notes what the failed attempt means, and makes the error to answer with. */
async function failureOf(
  repository: PaymentRepository,
  attempt: Attempt,
  thrown: unknown,
): Promise<AppError> {
  const { orderId } = attempt;
  const { meaning, error } = classifyFailure(thrown);
  try {
    if (meaning === 'declined') {
      await repository.markDeclined(orderId);
      return new PaymentDeclinedError(orderId, error);
    }
    if (meaning === 'unknown' || !(await repository.markNotCharged(attempt))) {
      return new PaymentOutcomeUnknownError(orderId, error);
    }
  } catch (unrecorded) {
    const cause = new AggregateError([error, unrecorded], 'the outcome could not be recorded');
    return new PaymentOutcomeUnknownError(orderId, cause);
  }
  const options = {
    cause: error,
    context: { order_id: orderId },
    ...(error.retryAfterS === undefined ? {} : { retryAfterS: error.retryAfterS }),
  };
  return meaning === 'unavailable'
    ? new ProviderUnavailableError(PROVIDER, 'The payment provider is unavailable.', options)
    : new ProviderError(PROVIDER, 'The payment provider failed.', options);
}

async function record(
  repository: PaymentRepository,
  request: PaymentRequest,
  charge: Charge,
): Promise<PaymentResult> {
  const { order_id: orderId, amount } = request;
  const ours =
    charge.reference === orderId &&
    charge.amount_cents === amount.minor_units &&
    charge.currency === amount.currency;
  if (!ours) {
    throw new PaymentOutcomeUnknownError(orderId, new Error(`charge ${charge.id} is not ours`));
  }
  let paid: PaymentRecord | undefined;
  let known: PaymentRecord | undefined;
  try {
    paid = await repository.markPaid(orderId, charge.id);
    known = paid ?? (await repository.find(orderId));
  } catch (unrecorded) {
    throw new PaymentOutcomeUnknownError(orderId, unrecorded);
  }
  if (!known) throw new Error('a payment row has vanished');
  return { payment: asPayment(known), created: paid !== undefined };
}

function asPayment(known: PaymentRecord): Payment {
  const { order_id, status, charge_id, amount, created_at } = known;
  if (charge_id === null) throw new Error(`an order with a charge is recorded as ${status}`);
  return { order_id, status: 'paid', charge_id, amount, created_at };
}
