/**
 * The caller got something wrong: 4xx that no retry of the same request can mend.
 *
 * @module
 */
import { AppError, type AppErrorOptions } from './app-error.ts';
import { defineKind, type ErrorKind, kindOfNoun } from './kind.ts';

const CLIENT: ErrorKind = {
  ...AppError.kind,
  name: 'InvalidRequestError',
  code: 'INVALID_REQUEST',
  status: 400,
  type: 'client',
  logLevel: 'info',
  alerts: false,
  meaning: 'The request is well-formed but asks for something that is not acceptable.',
  client: 'Correct the request as message and context say; repeating it unchanged is useless.',
  operator: 'Nothing, unless the rate rises: then a client or a form is broken.',
};

/** One field that failed validation. */
export interface FieldIssue {
  /** Where it stands, as `body.items.0.price` or `query.limit`. */
  readonly path: string;
  /** The rule it broke, such as `too_small` or `invalid_type`. */
  readonly rule: string;
  readonly message: string;
}

/** Well-formed but not acceptable, such as asking for 1000 where 100 is the maximum: 400. */
export class InvalidRequestError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, CLIENT);
}

/** More entries were asked for at once than a list gives: 400. */
export class LimitTooLargeError extends InvalidRequestError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'LimitTooLargeError',
    code: 'LIMIT_TOO_LARGE',
    meaning: 'More entries were asked for at once than the list gives.',
    client: 'Ask for at most context.maximum and page on with offset.',
  });

  constructor(limit: number, maximum: number) {
    super(`At most ${maximum} entries can be asked for at once.`, {
      context: { limit, maximum },
    });
  }
}

/** Malformed or not according to the schema: 422, with the list of fields in `context.fields`. */
export class ValidationError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'ValidationError',
    code: 'VALIDATION_ERROR',
    status: 422,
    meaning: 'The request is malformed or does not match the schema of the operation.',
    client: 'Correct the fields listed in context.fields.',
  });

  constructor(message: string, fields: readonly FieldIssue[] = [], options: AppErrorOptions = {}) {
    super(message, { ...options, context: { fields, ...options.context } });
  }
}

/** The caller did not say who it is, or not credibly: 401. */
export class AuthenticationError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'AuthenticationError',
    code: 'AUTHENTICATION_REQUIRED',
    status: 401,
    logLevel: 'warn',
    meaning: 'Credentials are missing or not valid.',
    client: 'Send valid credentials, as WWW-Authenticate says.',
    operator: 'A sudden rise may be an attack or an expired secret.',
  });

  /** The challenge for `WWW-Authenticate` (RFC 9110, section 11.6.1). */
  get challenge(): string {
    return typeof this.internal.challenge === 'string' ? this.internal.challenge : 'Bearer';
  }

  constructor(
    message = 'Authentication is required.',
    challenge = 'Bearer',
    options: AppErrorOptions = {},
  ) {
    super(message, { ...options, internal: { challenge, ...options.internal } });
  }
}

/** The caller is known and not allowed: 403. */
export class AuthorizationError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'AuthorizationError',
    code: 'NOT_ALLOWED',
    status: 403,
    logLevel: 'warn',
    meaning: 'The caller is not allowed to do this.',
    client: 'Ask for the permission; repeating the request is useless.',
    operator: 'A sudden rise may be an attack or a wrong role.',
  });
}

/**
 * What the request names does not exist: 404, with the code `<RESOURCE>_NOT_FOUND`, or `NOT_FOUND`
 * where the resource's name makes no code, as `3d-model`.
 *
 * @example
 * throw new NotFoundError('item', id); // ITEM_NOT_FOUND
 */
export class NotFoundError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'NotFoundError',
    code: 'NOT_FOUND',
    status: 404,
    meaning: 'What the request names does not exist.',
    client: 'Check the identifier and the path.',
  });

  constructor(resource: string, identifier: string | number, options: AppErrorOptions = {}) {
    super(`${capitalize(resource)} ${identifier} was not found.`, {
      ...options,
      kind: new.target === NotFoundError ? NotFoundError.of(resource) : new.target.kind,
      context: { resource, identifier, ...options.context },
    });
  }

  /** The catalogue entry for one resource; name it in the `errors` of the routes that answer it. */
  static of(resource: string): ErrorKind {
    return kindOfNoun(NotFoundError.kind, {
      code: `${constantCase(resource)}_NOT_FOUND`,
      meaning: `The ${resource} named in the request does not exist.`,
    });
  }
}

/** No route has this path: 404. */
export class RouteNotFoundError extends AppError {
  static override readonly kind: ErrorKind = defineKind(NotFoundError.kind, {
    name: 'HTTPException',
    code: 'ROUTE_NOT_FOUND',
    meaning: 'No operation has this path.',
    client: 'See /docs for the operations of this service.',
  });
}

/** The path exists, the method does not: 405. */
export class MethodNotAllowedError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'HTTPException',
    code: 'METHOD_NOT_ALLOWED',
    status: 405,
    meaning: 'The path exists, but not with this method.',
    client: 'Use one of the methods in the Allow header.',
  });
}

/** The body is larger than the service reads: 413. */
export class PayloadTooLargeError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'PayloadTooLargeError',
    code: 'PAYLOAD_TOO_LARGE',
    status: 413,
    meaning: 'The body is larger than the service accepts.',
    client: 'Send at most context.limit_bytes bytes.',
  });
}

/** The body has a media type the operation does not read: 415. */
export class UnsupportedMediaTypeError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'UnsupportedMediaTypeError',
    code: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    meaning: 'The body has a media type that the operation does not read.',
    client: 'Send application/json.',
  });
}

/** The bytes that came in are no HTTP request that can be routed: 400. */
export class MalformedRequestError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'MalformedRequestError',
    code: 'MALFORMED_REQUEST',
    meaning: 'What came in is no well-formed HTTP request.',
    client: 'Repair the client, or the proxy in front of it.',
    operator: 'Nothing, unless the rate rises: then a client is broken, or somebody probes.',
  });
}

/** The client sent its request too slowly: 408. */
export class RequestTimeoutError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'RequestTimeoutError',
    code: 'REQUEST_TIMEOUT',
    status: 408,
    meaning: 'The request did not arrive in full in the time that the service waits for one.',
    client: 'Send the request again, and faster.',
    operator: 'A rise means slow networks, or somebody who holds connections open on purpose.',
  });
}

/** The headers are larger than the service reads: 431. */
export class HeadersTooLargeError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'HeadersTooLargeError',
    code: 'HEADERS_TOO_LARGE',
    status: 431,
    meaning: 'The header fields, or the path, are larger than the service accepts.',
    client: 'Send fewer or shorter headers.',
    operator: 'Look for a cookie or a token that grows.',
  });
}

/** Too many requests: 429, with `Retry-After`. */
export class RateLimitError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'RateLimitError',
    code: 'RATE_LIMITED',
    status: 429,
    retryable: true,
    logLevel: 'warn',
    meaning: 'The caller sent more requests than it may.',
    client: 'Wait as long as Retry-After says.',
    operator: 'One client in a loop, or a limit that is too tight.',
  });
}

/** The caller went away before the answer was ready. Nobody reads this answer; 499 as in nginx. */
export class RequestCancelledError extends AppError {
  static override readonly kind: ErrorKind = defineKind(CLIENT, {
    name: 'RequestCancelledError',
    code: 'REQUEST_CANCELLED',
    status: 499,
    meaning: 'The caller closed the connection before the answer was ready.',
    client: 'Nothing: it was the client that went away.',
    operator: 'A rise means that clients give up before the service answers.',
  });
}

/** `order line` -> `ORDER_LINE`, `Straße` -> `STRASSE`; letters of other scripts are left out. */
export function constantCase(noun: string): string {
  return noun
    .toUpperCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

function capitalize(noun: string): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}
