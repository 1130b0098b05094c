/**
 * The fleet that is brought to its errors, started once for all files of this folder.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type Answer, eventually } from '@breakwater/testing';
import { type Fleet, serviceNames, startFleet, TOKEN } from '../fleet.ts';
import { Witness } from '../witness.ts';

/** Method, path, and options of a request. */
export type Request = Parameters<Witness['ask']> extends [string, ...infer Rest] ? Rest : never;

/** Requests at once that each service takes here. */
export const IN_FLIGHT = 120;
export const authorization = `Bearer ${TOKEN}`;
export const control = { headers: { authorization } };
/** What changes at the console want. */
export const consoleToken = { 'x-console-token': TOKEN };

export let fleet: Fleet;
export let witness: Witness;
/** Of all services, in order. */
export let names: string[];
/** A user who has an order, and so stays. */
export let buyer: string;
/** One operation of each service that takes a body, found in its document. */
export const takesBody = new Map<string, [method: string, path: string]>();

before(async () => {
  const limit = { MAX_IN_FLIGHT: String(IN_FLIGHT) };
  fleet = await startFleet(Object.fromEntries(serviceNames().map((name) => [name, limit])));
  names = [...fleet.services.keys()].sort();
  witness = new Witness(fleet);
  const user = { email: 'buyer@example.org', name: 'Ann' };
  buyer = (await fleet.ask('users')('POST', '/users', { body: user })).body.id;
  await fleet.ask('orders')('POST', '/orders', order('item1', buyer));
  for (const name of names) {
    const { paths } = (await fleet.ask(name)('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { requestBody?: object }>>;
    };
    const [path] = Object.entries(paths).find(
      ([at, { post }]) => post?.requestBody && !at.includes('{'),
    ) ?? [''];
    if (path) takesBody.set(name, ['POST', path]);
  }
});
after(() => fleet.stop());

/** The code in a body of the format `universal` or `envelope`. */
export function codeOf(body: Answer['body']) {
  return body?.error_code ?? body?.error?.details?.code;
}

/** Runs a step and asserts what its request is answered with. */
export async function expect(
  step: string,
  service: string,
  request: Request,
  status: number,
  code: string | undefined,
  at: 'ask' | 'operate' = 'ask',
): Promise<void> {
  await witness.step(step, async () => {
    const answer = await witness[at](service, ...request);
    const body = answer.body;
    assert.deepEqual(
      [answer.status, codeOf(body)],
      [status, code],
      `${service}, ${step}: ${JSON.stringify(body)}`,
    );
  });
}

/** An order, as the body of a request. */
export const order = (item: string, user = 'user-1', quantity = 1) => ({
  body: { user_id: user, item_id: item, quantity },
});

/** Asks the provider for a fault. */
export async function fault(body: object): Promise<void> {
  const { status } = await fleet.operate('unstable')('PUT', '/faults', { ...control, body });
  assert.equal(status, 200);
}
export const noFaults = () => fleet.operate('unstable')('DELETE', '/faults', control);

/** Sends sound requests until every circuit that a step before has opened is closed again. */
export async function closedCircuits(): Promise<void> {
  await eventually(async () => {
    await Promise.all([
      fleet.ask('gateway')('GET', '/items/item1'),
      fleet.ask('gateway')('GET', '/users/none'),
      fleet.ask('gateway')('POST', '/orders', order('item1')),
      fleet.ask('users')('DELETE', `/users/${buyer}`),
    ]);
    for (const name of names) {
      const { body } = await fleet.operate(name)('GET', '/breakers');
      const states = body.breakers.map(({ state }: { state: string }) => state);
      assert.ok(!states.some((state: string) => state !== 'closed'), `${name}: ${states}`);
    }
  });
}

/** Statuses and codes that a step may be answered with, where timing decides which. */
export async function oneOf(
  step: string,
  service: string,
  request: Request,
  codes: string[],
): Promise<void> {
  await witness.step(step, async () => {
    await eventually(async () => {
      const { body } = await witness.ask(service, ...request);
      assert.ok(codes.includes(codeOf(body)), JSON.stringify(body));
    });
  });
}
