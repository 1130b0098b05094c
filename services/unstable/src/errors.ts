/**
 * The errors of the outside world.
 *
 * @module
 */
import { IDEMPOTENCY_KEY_REUSED, PROVIDER_CODES } from '@breakwater/contracts';
import {
  AppError,
  BusinessRuleError,
  ConflictError,
  DatabaseUnavailableError,
  defineKind,
  type ErrorKind,
  InvalidRequestError,
} from '@breakwater/errors';
import { FAULT_STATUSES, type FaultStatus } from './fault.ts';

/** `POST /charges` without an `Idempotency-Key`: 400. */
export class IdempotencyKeyMissingError extends InvalidRequestError {
  static override readonly kind = defineKind(InvalidRequestError.kind, {
    name: 'IdempotencyKeyMissingError',
    code: PROVIDER_CODES.keyMissing,
    meaning: 'A charge needs the header Idempotency-Key.',
    client: 'Send a key that names the charge, and the same one with every repeat.',
  });

  constructor() {
    super('Send the header Idempotency-Key.');
  }
}

/** The key made a charge with another body: 409. */
export class IdempotencyKeyReusedError extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, IDEMPOTENCY_KEY_REUSED);

  constructor(key: string) {
    super('This Idempotency-Key was used with another body.', { context: { key } });
  }
}

/** The card was declined: 409. */
export class CardDeclinedError extends BusinessRuleError {
  static override readonly kind = defineKind(BusinessRuleError.kind, {
    name: 'CardDeclinedError',
    code: PROVIDER_CODES.cardDeclined,
    meaning: 'The card was declined; no charge was made.',
  });

  constructor(reference: string) {
    super('The card was declined.', { context: { reference } });
  }
}

/**
 * The database broke while a charge was written, so that nobody knows whether it stands. Never on
 * the wire: an error status would promise that it does not; the connection is broken instead.
 */
export class ChargeOutcomeUnknownError extends DatabaseUnavailableError {
  static override readonly kind = defineKind(DatabaseUnavailableError.kind, {
    name: 'ChargeOutcomeUnknownError',
    code: 'CHARGE_OUTCOME_UNKNOWN',
    meaning: 'The database broke while a charge was written.',
    client: 'Repeat the charge with the same Idempotency-Key.',
  });

  constructor(cause: unknown) {
    super('The database broke while the charge was written.', { cause });
  }
}

/** The failure of a route that fails by chance: 503. */
export class FlakyServiceError extends AppError {
  static override readonly kind = defineKind(AppError.kind, {
    name: 'FlakyServiceError',
    code: 'FLAKY_SERVICE',
    status: 503,
    retryable: true,
    alerts: false,
    meaning: 'The operation fails in a share of all calls, by design.',
    client: 'Retry after Retry-After seconds.',
    operator: 'Nothing: it is meant to fail.',
  });

  constructor() {
    super('The service failed, as it does now and then.');
  }
}

/** An error asked for through `PUT /faults`; the code is `INJECTED_FAULT_<status>`. */
export class InjectedFaultError extends AppError {
  /** The catalogue entries of all injected errors. */
  static readonly kinds: readonly ErrorKind[] = FAULT_STATUSES.map((status) =>
    defineKind(AppError.kind, {
      name: 'InjectedFaultError',
      code: `INJECTED_FAULT_${status}`,
      status,
      retryable: status !== 500,
      alerts: false,
      ...(status === 429 ? { type: 'client', logLevel: 'warn' } : {}),
      meaning: `Somebody asked for this ${status} through PUT /faults.`,
      client: 'Nothing was done; retry when the fault is over.',
      operator: 'GET /faults shows the fault, DELETE /faults ends it.',
    }),
  );

  constructor(status: FaultStatus, message: string, faultId: string) {
    const kind = InjectedFaultError.kinds.find((entry) => entry.status === status);
    super(message, { ...(kind ? { kind } : {}), context: { fault_id: faultId } });
  }
}
