/**
 * Reads an error response in any of the four formats back into a typed error.
 *
 * @module
 */
import { AppError } from './app-error.ts';
import * as business from './business-errors.ts';
import * as client from './client-errors.ts';
import { type ErrorFields, formats } from './formats/index.ts';
import { type ErrorKind, findKind, isErrorCode } from './kind.ts';
import { readRetryAfter } from './retry-after.ts';
import * as technical from './technical-errors.ts';

/** A class of the family; only its prototype and its kind are used, never its constructor. */
type Family = { readonly kind: ErrorKind; readonly prototype: AppError };

/** For codes that this package does not own: the class that stands for a status. */
const FAMILY_BY_STATUS: Readonly<Record<number, Family>> = {
  400: client.InvalidRequestError,
  401: client.AuthenticationError,
  403: client.AuthorizationError,
  404: client.NotFoundError,
  405: client.MethodNotAllowedError,
  408: client.RequestTimeoutError,
  409: business.ConflictError,
  413: client.PayloadTooLargeError,
  415: client.UnsupportedMediaTypeError,
  422: client.ValidationError,
  429: client.RateLimitError,
  431: client.HeadersTooLargeError,
  499: client.RequestCancelledError,
  502: technical.BadGatewayError,
  503: technical.DependencyUnavailableError,
  504: technical.DependencyTimeoutError,
};

const FAMILY_BY_CODE: ReadonlyMap<string, Family> = new Map(
  Object.values({ ...business, ...client, ...technical })
    .filter((value) => typeof value === 'function' && 'kind' in value)
    .map((family) => [family.kind.code, family]),
);

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
 * four formats, or its code is no code: then the peer broke the contract, and what to make of that
 * is the caller's call.
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
  const fields = readFields(status, body);
  if (!fields) return undefined;
  return restoreError({
    ...fields,
    status,
    traceId: fields.traceId ?? headers.get('x-trace-id') ?? undefined,
    retryAfterS: readRetryAfter(headers),
  });
}

/** What another service said of its error, in whatever way that travelled. */
export interface RemoteError extends ErrorFields {
  /** The status of the error's kind, from 400 to 599. */
  readonly status: number;
  readonly retryAfterS?: number | undefined;
}

/**
 * The error of another service, as an instance of the family its status belongs to, with its code
 * and its context; {@link originOf} tells where it came from.
 */
export function restoreError(remote: RemoteError): AppError {
  const { code, message, context, status, traceId, serviceName, retryAfterS } = remote;
  const family = familyOf(code, status);
  // Only AppError's constructor runs: those of the families build messages that the peer has built.
  const error: AppError = Reflect.construct(
    AppError,
    [
      message,
      {
        kind: kindOf(code, status, family.kind),
        context,
        ...(retryAfterS === undefined ? {} : { retryAfterS }),
      },
    ],
    family as typeof AppError,
  );
  origins.set(error, { status, traceId, serviceName });
  return error;
}

/** The class a client would catch: by the code if this package owns it, else by the status. */
function familyOf(code: string, status: number): Family {
  const owner = FAMILY_BY_CODE.get(code);
  if (owner && allows(owner.kind, status)) return owner;
  if (code.endsWith('_ALREADY_EXISTS') && allows(business.AlreadyExistsError.kind, status)) {
    return business.AlreadyExistsError;
  }
  return FAMILY_BY_STATUS[status] ?? (status < 500 ? client.InvalidRequestError : AppError);
}

/** A peer's code need not be in this process's catalogue: then its family speaks for it. */
function kindOf(code: string, status: number, family: ErrorKind): ErrorKind {
  const known = findKind(code);
  if (known && allows(known, status)) return known;
  const described = allows(family, status) ? family : { ...family, status };
  return { ...described, code };
}

/** Whether a kind can arrive with this status: its own, or its own in some format. */
function allows(kind: ErrorKind, status: number): boolean {
  return kind.status === status || Object.values(kind.statusIn ?? {}).includes(status);
}

function readFields(status: number, body: string): ErrorFields | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  for (const format of [formats.problem, formats.universal, formats.coded, formats.envelope]) {
    const fields = format.read(parsed as Record<string, unknown>, status);
    if (fields) return isErrorCode(fields.code) ? fields : undefined;
  }
  return undefined;
}
