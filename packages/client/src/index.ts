/**
 * Calls to a peer: through its policy, with context and deadline, and errors that come back typed.
 *
 * @module
 */
export { type CallOptions, type Client, type ClientOptions, createClient } from './client.ts';
export { fromPeer, PEER_ERRORS } from './peer-error.ts';
export { PEER_BREAKER, wasNotSent } from './peer-policy.ts';
export type { PeerAnswer } from './transport.ts';
