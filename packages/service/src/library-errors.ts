/**
 * How the errors of Hono read in the contract.
 *
 * @module
 */
import {
  type AppError,
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  DeadlineExceededError,
  type ErrorMapping,
  InternalError,
  InvalidRequestError,
  MethodNotAllowedError,
  OverloadedError,
  PayloadTooLargeError,
  RateLimitError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '@breakwater/errors';
import { HTTPException } from 'hono/http-exception';

/** Reads what Hono and its middlewares throw, by the status. */
export const honoErrors: ErrorMapping = (error) =>
  error instanceof HTTPException ? fromHttpException(error) : undefined;

function fromHttpException(error: HTTPException): AppError {
  const options = { cause: error };
  switch (error.status) {
    case 401: {
      const challenge = error.getResponse().headers.get('www-authenticate') ?? undefined;
      return new AuthenticationError(undefined, challenge, options);
    }
    case 403:
      return new AuthorizationError('This is not allowed.', options);
    case 404:
      return new RouteNotFoundError('No operation has this path.', options);
    case 405:
      return new MethodNotAllowedError('The method is not supported here.', options);
    case 409:
      return new ConflictError('The request conflicts with the present state.', options);
    case 413:
      return new PayloadTooLargeError('The body is too large.', options);
    case 415:
      return new UnsupportedMediaTypeError('The media type of the body is not supported.', options);
    case 422:
      return new ValidationError('The request does not match its schema.', [], options);
    case 429:
      return new RateLimitError('Too many requests.', options);
    case 503:
      return new OverloadedError('The service is overloaded.', options);
    case 504:
      return new DeadlineExceededError('The work was not done in time.', options);
    default:
      return error.status < 500
        ? new InvalidRequestError('The request is not acceptable.', options)
        : new InternalError(error);
  }
}
