/**
 * A gRPC status with details as the error of the contract that it was.
 *
 * @module
 */
import { type AppError, isErrorCode, restoreError } from '@breakwater/errors';
import { discourageRetry } from '@breakwater/resilience';
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import type { Metadata } from '@grpc/grpc-js';
import { INFO } from './encode-error.ts';
import {
  type ErrorInfo,
  ErrorInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from './gen/google/rpc/error_details_pb.ts';
import { type Status, StatusSchema } from './gen/google/rpc/status_pb.ts';
import { METADATA } from './names.ts';

/**
 * The error that a failed call carries in its ErrorInfo: the same that the same failure over HTTP
 * is decoded to. Undefined where there is none, or none of the contract: a proxy, a load balancer
 * or the client's own transport made the status, and what to make of that is the caller's call.
 */
export function decodeStatus(metadata: Metadata): AppError | undefined {
  const status = readDetails(metadata);
  const info = status && find<ErrorInfo>(status, ErrorInfoSchema);
  if (!info || !isErrorCode(info.reason)) return undefined;
  const kindStatus = Number(info.metadata[INFO.status]);
  if (!Number.isInteger(kindStatus) || kindStatus < 400 || kindStatus > 599) return undefined;
  const retry = find<RetryInfo>(status, RetryInfoSchema)?.retryDelay;
  const error = restoreError({
    code: info.reason,
    message: status.message,
    context: readContext(info.metadata[INFO.context]),
    status: kindStatus,
    traceId: info.metadata[INFO.traceId],
    serviceName: info.domain,
    retryAfterS: retry === undefined ? undefined : Number(retry.seconds) + retry.nanos / 1e9,
  });
  return info.metadata[INFO.shouldRetry] === 'false' ? discourageRetry(error) : error;
}

function readDetails(metadata: Metadata): Status | undefined {
  const [bytes] = metadata.get(METADATA.statusDetails);
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    return undefined;
  }
}

function find<M>(status: Status, schema: typeof ErrorInfoSchema | typeof RetryInfoSchema) {
  for (const any of status.details) {
    try {
      const found = anyUnpack(any, schema);
      if (found) return found as M;
    } catch {
      // One detail that cannot be read says nothing; the others may.
    }
  }
  return undefined;
}

function readContext(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const context: unknown = JSON.parse(text);
    const isObject = typeof context === 'object' && context !== null && !Array.isArray(context);
    return isObject ? (context as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
