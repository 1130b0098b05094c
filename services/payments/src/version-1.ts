/**
 * Version 1 in the words of version 2: there is one implementation, and only its edges know of both.
 *
 * @module
 */
import {
  centsOfMoney,
  moneyOfCents,
  type PaymentRecord,
  type PaymentRecordV2,
  type PaymentRequest,
  type PaymentRequestV2,
} from '@breakwater/contracts';
import { AmountNotRepresentableError } from './errors.ts';

/** @throws {AmountNotRepresentableError} when the currency has no such amount */
export function fromVersion1(request: PaymentRequest): PaymentRequestV2 {
  const { order_id, amount_cents, currency } = request;
  const amount = moneyOfCents(amount_cents, currency);
  if (!amount) throw new AmountNotRepresentableError(order_id, currency);
  return { order_id, amount };
}

/** @throws {AmountNotRepresentableError} when version 1 cannot say the amount */
export function toVersion1<P extends Pick<PaymentRecordV2, 'order_id' | 'amount'>>(
  payment: P,
): Omit<P, 'amount'> & Pick<PaymentRecord, 'amount_cents' | 'currency'> {
  const { amount, ...same } = payment;
  const amount_cents = centsOfMoney(amount);
  if (amount_cents === undefined) {
    throw new AmountNotRepresentableError(payment.order_id, amount.currency);
  }
  return { ...same, amount_cents, currency: amount.currency };
}
