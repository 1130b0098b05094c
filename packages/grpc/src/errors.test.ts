import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type ErrorKind, listKinds, originOf, ValidationError } from '@breakwater/errors';
import { discourageRetry, isRetryDiscouraged } from '@breakwater/resilience';
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Metadata, status as Status } from '@grpc/grpc-js';
import { decodeStatus } from './decode-error.ts';
import { encodeError } from './encode-error.ts';
import { BadRequestSchema, RequestInfoSchema } from './gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from './gen/google/rpc/status_pb.ts';
import { CALL, overGrpc, overHttp } from './testing/round-trip.ts';

function factsOf(error: AppError) {
  const { code, status, message, context, retryAfterS, retryable, kind } = error;
  const origin = originOf(error);
  return {
    class: error.constructor.name,
    code,
    status,
    message,
    context,
    retryAfterS,
    retryable,
    kind,
    origin,
  };
}

const kinds = listKinds();

for (const kind of kinds) {
  test(`${kind.code} is the same error over HTTP, gRPC and HTTP again`, () => {
    const context = { dependency: 'x', nested: { list: [1, 'two', null] }, text: 'ü\u{1f600}' };
    const sent = new AppError('Nothing — here, 100 %.', { kind, context, retryAfterS: 7 });
    const first = overHttp(sent);
    const second = overGrpc(first);
    assert.deepEqual(factsOf(second), factsOf(first));
    assert.deepEqual(factsOf(overHttp(second)), factsOf(first));
    assert.equal(second.retryAfterS, [429, 502, 503, 504].includes(kind.status) ? 7 : undefined);
  });
}

test('the catalogue is more than a few kinds', () => assert.ok(kinds.length > 20));

const STATUS: readonly [status: number, code: Status][] = [
  [400, Status.INVALID_ARGUMENT],
  [401, Status.UNAUTHENTICATED],
  [403, Status.PERMISSION_DENIED],
  [404, Status.NOT_FOUND],
  [409, Status.FAILED_PRECONDITION],
  [413, Status.RESOURCE_EXHAUSTED],
  [422, Status.INVALID_ARGUMENT],
  [429, Status.RESOURCE_EXHAUSTED],
  [499, Status.CANCELLED],
  [500, Status.INTERNAL],
  [502, Status.UNAVAILABLE],
  [503, Status.UNAVAILABLE],
  [504, Status.DEADLINE_EXCEEDED],
];
for (const [status, code] of STATUS) {
  test(`${status} is ${Status[code]}`, () => {
    const kind: ErrorKind = { ...AppError.kind, code: 'SOMETHING', status };
    assert.equal(encodeError(new AppError('', { kind }), CALL).code, code);
  });
}

test('a validation error names its fields to those who know Google’s model only', () => {
  const issue = { path: 'order_id', rule: 'invalid_format', message: 'must be an id' };
  const { metadata } = encodeError(new ValidationError('No.', [issue]), CALL);
  const status = fromBinary(StatusSchema, metadata.get('grpc-status-details-bin')[0] as Buffer);
  const unpacked = status.details.map((any) => anyUnpack(any, BadRequestSchema)).find(Boolean);
  assert.deepEqual(
    unpacked?.fieldViolations.map(({ field, reason, description }) => [field, reason, description]),
    [['order_id', 'invalid_format', 'must be an id']],
  );
  const info = status.details.map((any) => anyUnpack(any, RequestInfoSchema)).find(Boolean);
  assert.equal(info?.requestId, 'r-1');
});

test('secrets, causes and internals have no way into a status', () => {
  const error = new AppError('No.', {
    context: { password: 'hunter2' },
    internal: { sql: 'select hunter2' },
    cause: new Error('hunter2'),
  });
  const { metadata } = encodeError(error, CALL);
  assert.ok(!String(metadata.get('grpc-status-details-bin')[0]).includes('hunter2'));
});

test('a context beyond what trailers may hold is left out, and the rest stays', () => {
  const read = overGrpc(new AppError('x'.repeat(5_000), { context: { text: 'x'.repeat(9_000) } }));
  assert.deepEqual(read.context, {});
  assert.equal(read.code, 'INTERNAL_ERROR');
  assert.equal(read.message.length, 1_000);
});

test('that a peer has retried already comes along', () => {
  const read = overGrpc(discourageRetry(new AppError('No.')));
  assert.ok(isRetryDiscouraged(read));
});

test('a status without ErrorInfo of the contract is nobody’s error', () => {
  assert.equal(decodeStatus(new Metadata()), undefined);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from([0xff, 0xff]));
  assert.equal(decodeStatus(metadata), undefined);
  const kind = { ...AppError.kind, code: 'SOMETHING', status: 500 };
  const odd = encodeError(new AppError('', { kind: { ...kind, code: 'no code' } }), CALL);
  assert.equal(decodeStatus(odd.metadata), undefined);
});
