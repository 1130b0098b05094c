/**
 * An error as callers read it, over HTTP and over gRPC.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { type AppError, decodeErrorBody, renderError } from '@breakwater/errors';
import { decodeStatus } from '../decode-error.ts';
import { encodeError } from '../encode-error.ts';

/** The call that failed. */
export const CALL = { traceId: 'a'.repeat(32), requestId: 'r-1', serviceName: 'shelf' };

/** The error as a caller over HTTP reads it. */
export function overHttp(error: AppError): AppError {
  const { status, headers, body } = renderError('problem', { error, path: '/', ...CALL });
  return decodeErrorBody(status, new Headers(headers), body) ?? assert.fail('no error');
}

/** The error as a caller over gRPC reads it. */
export function overGrpc(error: AppError): AppError {
  return decodeStatus(encodeError(error, CALL).metadata) ?? assert.fail('no error');
}
