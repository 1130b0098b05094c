/**
 * How the errors of Hono read in the contract.
 *
 * @module
 */
import {
  type AppError,
  AuthenticationError,
  AuthorizationError,
  InternalError,
  InvalidRequestError,
  MethodNotAllowedError,
  onLibraryError,
  PayloadTooLargeError,
  RateLimitError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '@breakwater/errors';
import { HTTPException } from 'hono/http-exception';

onLibraryError(
  (error) => error instanceof HTTPException,
  (error) => fromHttpException(error),
);

function fromHttpException(error: HTTPException): AppError {
  const options = { cause: error };
  switch (error.status) {
    case 400:
      // Hono's own 400s are bodies it could not parse.
      return new ValidationError('The request body is malformed.', [], options);
    case 401:
      return new AuthenticationError();
    case 403:
      return new AuthorizationError('This is not allowed.', options);
    case 404:
      return new RouteNotFoundError('No operation has this path.', options);
    case 405:
      return new MethodNotAllowedError('The method is not supported here.', options);
    case 413:
      return new PayloadTooLargeError('The body is too large.', options);
    case 415:
      return new UnsupportedMediaTypeError('The media type of the body is not supported.', options);
    case 429:
      return new RateLimitError('Too many requests.', options);
    default:
      return error.status < 500
        ? new InvalidRequestError('The request is not acceptable.', options)
        : new InternalError(error);
  }
}
