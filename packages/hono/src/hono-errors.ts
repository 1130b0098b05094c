/**
 * How the errors of Hono, and responses that a handler made by hand, read in the contract.
 *
 * @module
 */
import { STATUS_CODES } from 'node:http';
import {
  AppError,
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  DeadlineExceededError,
  defineKind,
  type ErrorKind,
  type ErrorMapping,
  InvalidRequestError,
  MethodNotAllowedError,
  OverloadedError,
  PayloadTooLargeError,
  RateLimitError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '@breakwater/errors';
import type { HTTPException } from 'hono/http-exception';

/** Reads what Hono and its middlewares throw: by its status, with its message. */
export const honoErrors: ErrorMapping = (error) =>
  isHttpException(error) ? fromHttpException(error) : undefined;

/** By its shape: the app's Hono may be another copy than this package's. */
function isHttpException(error: unknown): error is HTTPException {
  if (!(error instanceof Error) || !('getResponse' in error) || !('status' in error)) return false;
  return isErrorStatus(error.status) && typeof error.getResponse === 'function';
}

function isErrorStatus(status: unknown): boolean {
  return Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599;
}

function fromHttpException(error: HTTPException): AppError {
  const { status } = error;
  const options = { cause: error };
  const message = error.message || sentence(status);
  switch (status) {
    case 400:
      return new InvalidRequestError(message, options);
    case 401: {
      const challenge = error.getResponse().headers.get('www-authenticate') ?? undefined;
      return new AuthenticationError(message, challenge, options);
    }
    case 403:
      return new AuthorizationError(message, options);
    case 404:
      return new RouteNotFoundError(message, options);
    case 405:
      return new MethodNotAllowedError(message, options);
    case 409:
      return new ConflictError(message, options);
    case 413:
      return new PayloadTooLargeError(message, options);
    case 415:
      return new UnsupportedMediaTypeError(message, options);
    case 422:
      return new ValidationError(message, [], options);
    case 429:
      return new RateLimitError(message, options);
    case 500:
      return new AppError(message, options);
    case 503:
      return new OverloadedError(message, options);
    case 504:
      return new DeadlineExceededError(message, options);
    default:
      return new AppError(message, { ...options, kind: statusKind(status) });
  }
}

/**
 * The error of a response that a handler made by hand, with `c.json(..., 404)`: `HTTP_404`, since
 * nothing else of the contract is known of it.
 */
export function fromStatus({ status }: Response): AppError {
  return new AppError(sentence(status), { kind: statusKind(status) });
}

function sentence(status: number): string {
  return `${STATUS_CODES[status] ?? 'Error'}.`;
}

/** Who is refused often may be up to something. */
const WARNED: ReadonlySet<number> = new Set([401, 403, 429]);

/** The kind of a status of which nothing else is known. */
function statusKind(status: number): ErrorKind {
  const isServer = status >= 500;
  return defineKind(AppError.kind, {
    name: 'HTTPException',
    code: `HTTP_${status}`,
    status,
    type: isServer ? 'technical' : 'client',
    logLevel: isServer ? 'error' : WARNED.has(status) ? 'warn' : 'info',
    alerts: isServer,
    meaning: `The app responded with ${status} (${STATUS_CODES[status] ?? 'no name'}).`,
    client: 'Read the message: the app has written it.',
    operator: 'Throw an error of the catalogue instead, and this code says what happened.',
  });
}
