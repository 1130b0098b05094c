/**
 * Charging a card, once for a key.
 *
 * @module
 */
import type { Charge, ChargeRequest } from '@breakwater/contracts';
import type { ChargeRepository } from './charge-repository.ts';
import { CardDeclinedError, IdempotencyKeyReusedError } from './errors.ts';

/** The amount that every card is declined for, in cents. */
export const DECLINED_AMOUNT_CENTS = 666_00;

/** A charge, and whether this request made it. */
export interface ChargeResult {
  readonly charge: Charge;
  readonly created: boolean;
}

/**
 * Makes the charge that the key names, or finds it.
 *
 * @throws {IdempotencyKeyReusedError} when the key has a charge that differs from the request
 * @throws {CardDeclinedError} when the amount is {@link DECLINED_AMOUNT_CENTS}
 * @throws {ChargeOutcomeUnknownError} when the database broke while the charge was written
 */
export async function makeCharge(
  ledger: ChargeRepository,
  key: string,
  request: ChargeRequest,
): Promise<ChargeResult> {
  const existing = await ledger.findByKey(key);
  if (existing) return replay(key, request, existing);
  if (request.amount_cents === DECLINED_AMOUNT_CENTS)
    throw new CardDeclinedError(request.reference);
  const charge = await ledger.insert(key, request);
  if (charge) return { charge, created: true };
  // Somebody with the same key was quicker, so it stands in the ledger now.
  return replay(key, request, await ledger.findByKey(key));
}

function replay(key: string, request: ChargeRequest, charge: Charge | undefined): ChargeResult {
  const same =
    charge?.amount_cents === request.amount_cents &&
    charge.currency === request.currency &&
    charge.reference === request.reference;
  if (!same) throw new IdempotencyKeyReusedError(key);
  return { charge, created: false };
}
