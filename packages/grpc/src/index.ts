/**
 * gRPC by the error contract: a server, a client behind a policy, and the errors between them.
 *
 * @module
 */
export { createGrpcClient, type GrpcClient, type GrpcClientOptions } from './client.ts';
export { decodeStatus } from './decode-error.ts';
export { type EncodedError, encodeError, type FailedCall } from './encode-error.ts';
export { ATTRIBUTES, FIELDS, METADATA, METRICS } from './names.ts';
export { type CallInfo, GrpcServer, type GrpcServerOptions, type Handlers } from './server.ts';
export { statusName, statusOf } from './status.ts';
