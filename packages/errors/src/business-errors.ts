/**
 * The request was fine and a rule of the business said no. These never page anybody.
 *
 * @module
 */
import { AppError, type AppErrorOptions } from './app-error.ts';
import { constantCase } from './client-errors.ts';
import { defineKind, type ErrorKind, kindOfNoun } from './kind.ts';
import { REDACTED } from './redact-text.ts';
import { isSecretKey } from './secret-key.ts';

const BUSINESS: ErrorKind = {
  ...AppError.kind,
  name: 'BusinessRuleError',
  code: 'BUSINESS_RULE',
  status: 409,
  type: 'business',
  logLevel: 'info',
  alerts: false,
  meaning: 'A rule of the business forbids what was asked.',
  client: 'Show the message to the user; repeating the request unchanged is useless.',
  operator: 'Nothing: the rule works.',
};

/** A rule is broken: 409; a subclass may say 400. */
export class BusinessRuleError extends AppError {
  static override readonly kind: ErrorKind = defineKind(BUSINESS, BUSINESS);
}

/** The request does not fit the present state of what it acts on: 409. */
export class ConflictError extends AppError {
  static override readonly kind: ErrorKind = defineKind(BUSINESS, {
    name: 'ConflictError',
    code: 'CONFLICT',
    meaning: 'The request conflicts with the present state of the resource.',
    client: 'Read the present state and decide anew.',
  });
}

/**
 * Something with this value exists already: 409, and 400 in the `envelope` format, whose users
 * expect that. The code is `<FIELD>_ALREADY_EXISTS`, or `ALREADY_EXISTS` where the field's name
 * makes no code.
 *
 * @example
 * throw new AlreadyExistsError('user', 'email', email); // EMAIL_ALREADY_EXISTS
 */
export class AlreadyExistsError extends AppError {
  static override readonly kind: ErrorKind = defineKind(BUSINESS, {
    name: 'AlreadyExistsError',
    code: 'ALREADY_EXISTS',
    statusIn: { envelope: 400 },
    meaning: 'A resource with this value exists already.',
    client: 'Choose another value, or use the resource that exists.',
  });

  constructor(resource: string, field: string, value: string, options: AppErrorOptions = {}) {
    super(`A ${resource} with this ${field} already exists.`, {
      ...options,
      kind:
        new.target === AlreadyExistsError
          ? AlreadyExistsError.of(resource, field)
          : new.target.kind,
      context: {
        resource,
        field,
        value: isSecretKey(field) ? REDACTED : value,
        ...options.context,
      },
    });
  }

  /** The catalogue entry for one field of a resource; name it in the `errors` of its routes. */
  static of(resource: string, field: string): ErrorKind {
    return kindOfNoun(AlreadyExistsError.kind, {
      code: `${constantCase(field)}_ALREADY_EXISTS`,
      meaning: `A ${resource} with this ${field} exists already.`,
    });
  }
}
