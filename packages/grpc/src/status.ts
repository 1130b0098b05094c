/**
 * Which gRPC status stands for an error of the contract.
 *
 * @module
 */
import { AlreadyExistsError, type AppError, RouteNotFoundError } from '@breakwater/errors';
import { status as Status } from '@grpc/grpc-js';

/**
 * By the status of the error's kind, as `google.rpc.Code` relates the two. Several share one: who
 * reads a status alone cannot tell 502 from 503, which is why ErrorInfo is read.
 */
const BY_STATUS: Readonly<Record<number, Status>> = {
  400: Status.INVALID_ARGUMENT,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  405: Status.UNIMPLEMENTED,
  408: Status.DEADLINE_EXCEEDED,
  409: Status.FAILED_PRECONDITION,
  413: Status.RESOURCE_EXHAUSTED,
  415: Status.INVALID_ARGUMENT,
  422: Status.INVALID_ARGUMENT,
  429: Status.RESOURCE_EXHAUSTED,
  431: Status.RESOURCE_EXHAUSTED,
  499: Status.CANCELLED,
  501: Status.UNIMPLEMENTED,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.DEADLINE_EXCEEDED,
};

/** The gRPC status of an error. */
export function statusOf(error: AppError): Status {
  const { status } = error;
  if (error instanceof AlreadyExistsError) return Status.ALREADY_EXISTS;
  if (error instanceof RouteNotFoundError) return Status.UNIMPLEMENTED;
  return BY_STATUS[status] ?? (status < 500 ? Status.FAILED_PRECONDITION : Status.INTERNAL);
}

/** The name of a gRPC status, as `UNAVAILABLE`. */
export function statusName(code: number): string {
  return Status[code] ?? 'UNKNOWN';
}
