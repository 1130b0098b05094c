/**
 * The client of a peer, without the protections that `PROTECTIONS_OFF` takes away.
 *
 * @module
 */
import {
  type Client,
  type ClientOptions,
  createClient as createPeerClient,
} from '@breakwater/client';
import {
  createGrpcClient as createGrpcPeerClient,
  type GrpcClient,
  type GrpcClientOptions,
} from '@breakwater/grpc';
import { readIdentity } from '@breakwater/otel';
import { ProtectionsOff } from './protections-off.ts';

/**
 * Makes a client for one peer, which says which service asks, and declares its policy.
 *
 * @throws {ConfigurationError}
 */
export function createClient(options: ClientOptions): Client {
  const off = ProtectionsOff.read();
  const { name, policy = {} } = options;
  return createPeerClient({
    userAgent: readIdentity().serviceName,
    ...options,
    policy: off.apply(name, policy),
    fallbacks: !off.has(name, 'fallback'),
  });
}

/** {@link createClient} over gRPC: the same policy, under the same name. @throws {ConfigurationError} */
export function createGrpcClient(options: GrpcClientOptions): GrpcClient {
  const { name, policy = {} } = options;
  return createGrpcPeerClient({
    userAgent: readIdentity().serviceName,
    ...options,
    policy: ProtectionsOff.read().apply(name, policy),
  });
}
