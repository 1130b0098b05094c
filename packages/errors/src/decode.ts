/**
 * Reads an error response in any of the four formats back into a typed error.
 *
 * @module
 */
import { AppError } from './app-error.ts';
import { BusinessRuleError, ConflictError } from './business-errors.ts';
import {
  AuthenticationError,
  AuthorizationError,
  InvalidRequestError,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  RateLimitError,
  RequestCancelledError,
  UnsupportedMediaTypeError,
  ValidationError,
} from './client-errors.ts';
import { type ErrorFields, formats } from './formats/index.ts';
import { type ErrorKind, findKind } from './kind.ts';
import {
  BadGatewayError,
  DependencyTimeoutError,
  DependencyUnavailableError,
} from './technical-errors.ts';

const FAMILY_BY_STATUS: Readonly<Record<number, typeof AppError>> = {
  400: InvalidRequestError,
  401: AuthenticationError as typeof AppError,
  403: AuthorizationError,
  404: NotFoundError as unknown as typeof AppError,
  405: MethodNotAllowedError,
  409: ConflictError,
  413: PayloadTooLargeError,
  415: UnsupportedMediaTypeError,
  422: ValidationError as unknown as typeof AppError,
  429: RateLimitError,
  499: RequestCancelledError,
  502: BadGatewayError as unknown as typeof AppError,
  503: DependencyUnavailableError as unknown as typeof AppError,
  504: DependencyTimeoutError as unknown as typeof AppError,
};

/** Where a decoded error came from; beside the error, since none of it is for the next client. */
export interface RemoteOrigin {
  readonly status: number;
  readonly traceId: string | undefined;
  readonly serviceName: string | undefined;
}

const origins = new WeakMap<AppError, RemoteOrigin>();

/** Where a decoded error came from; undefined for an error of this process. */
export function originOf(error: AppError): RemoteOrigin | undefined {
  return origins.get(error);
}

/** The parts of a `Response` that decoding needs; `fetch`'s and undici's both fit. */
export interface ErrorResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/**
 * The error a response carries, as an instance of the family its status belongs to, with the
 * peer's code and context. Undefined when the status is no error, or the body is in none of the
 * four formats: then the peer broke the contract, and what to make of that is the caller's call.
 *
 * @example
 * const error = await decodeError(await fetch(url));
 * if (error instanceof NotFoundError) return undefined;
 */
export async function decodeError(response: ErrorResponse): Promise<AppError | undefined> {
  if (response.status < 400) return undefined;
  return decodeErrorBody(response.status, response.headers, await response.text());
}

/** {@link decodeError} for a body that has been read already. */
export function decodeErrorBody(
  status: number,
  headers: { get(name: string): string | null },
  body: string,
): AppError | undefined {
  const fields = readFields(body);
  if (!fields) return undefined;
  const Family = FAMILY_BY_STATUS[status] ?? (status < 500 ? InvalidRequestError : AppError);
  const retryAfter = Number.parseInt(headers.get('retry-after') ?? '', 10);
  // Only AppError's constructor runs: those of the families build messages that the peer has built.
  const error: AppError = Reflect.construct(
    AppError,
    [
      fields.message,
      {
        kind: kindOf(fields.code, status, Family.kind),
        context: fields.context,
        ...(Number.isNaN(retryAfter) ? {} : { retryAfterS: retryAfter }),
      },
    ],
    fields.code === BusinessRuleError.kind.code ? BusinessRuleError : Family,
  );
  origins.set(error, {
    status,
    traceId: fields.traceId ?? headers.get('x-trace-id') ?? undefined,
    serviceName: fields.serviceName,
  });
  return error;
}

/** A peer's code need not be in this process's catalogue: then its family speaks for it. */
function kindOf(code: string, status: number, family: ErrorKind): ErrorKind {
  const known = findKind(code);
  if (known && known.status === status) return known;
  return { ...(known ?? family), code, status };
}

function readFields(body: string): ErrorFields | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  for (const format of [formats.problem, formats.universal, formats.coded, formats.envelope]) {
    const fields = format.read(parsed as Record<string, unknown>);
    if (fields) return fields;
  }
  return undefined;
}
