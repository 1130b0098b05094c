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
