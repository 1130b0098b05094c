/**
 * Connections from a seed: right requests, then something that is none; bytes changed at random;
 * clients that leave.
 *
 * @module
 */
import { type Random, seededRandom } from '@breakwater/resilience';
import { between, type Case, cut, type Operation, type RawRequest } from './case.ts';
import { mutate } from './mutate.ts';
import { badRequest, goodRequest, head } from './requests.ts';

/** Sent behind changed bytes: what it is taken for, the connection ends with it. */
const END = head('GET /the-end HTTP/1.1', 'Host: fuzz.test', 'Connection: close');

/** Makes connections; the same seed gives the same ones. */
export function makeCases(seed: number, count: number, operations: readonly Operation[]): Case[] {
  const random = seededRandom(seed);
  let ids = 0;
  const next = () => `fuzz-${seed}-${++ids}`;
  return Array.from({ length: count }, () => ({ seed, ...makeCase(random, next, operations) }));
}

function makeCase(
  random: Random,
  next: () => string,
  operations: readonly Operation[],
): Omit<Case, 'seed'> {
  const kind = random();
  const good = (last: boolean) => goodRequest(random, next(), operations, last);
  const requests: RawRequest[] = Array.from({ length: between(random, 0, 3) }, () => good(false));
  if (kind < 0.3) requests.push(good(true));
  else if (kind < 0.65) requests.push(badRequest(random, operations));
  else requests.push(good(random() < 0.5));
  const bytes = requests.map((request) => request.bytes).join('');
  const what = requests.map((request) => request.what).join(' + ');
  if (kind < 0.65) {
    const statuses = requests.map(({ status }) => status);
    return { what, pieces: cut(random, bytes), statuses, leaves: false };
  }
  const leaves = kind >= 0.95;
  const changed = mutate(random, bytes);
  const pieces = cut(random, leaves ? changed : changed + END);
  return { what: `changed: ${what}`, pieces, statuses: undefined, leaves };
}
