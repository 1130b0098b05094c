import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { DependencyUnavailableError, NotFoundError, OverloadedError } from '@breakwater/errors';
import { testResilience } from '@breakwater/resilience/testing';
import { type ScriptedPeer, serveScripted } from './scripted-peer.ts';
import { connectUsers } from './users.ts';

let primary: ScriptedPeer;
let replica: ScriptedPeer;

before(async () => {
  primary = await serveScripted('users', () => Response.json({ name: 'Ann', email: 'a@x.org' }));
  replica = await serveScripted('users', () => Response.json({ name: 'Ann of the replica' }));
});
beforeEach(() => {
  primary.reset();
  replica.reset();
});
after(async () => {
  await primary.stop();
  await replica.stop();
});

const fails = () => {
  throw new OverloadedError('Not now.');
};

function connect() {
  const { resilience, clock, events } = testResilience({ metrics: false });
  const urls = { usersUrl: primary.url, usersReplicaUrl: replica.url };
  const policy = {
    timeoutMs: 300,
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 3 } },
  } as const;
  return { users: connectUsers(urls, policy, { resilience }), clock, events };
}

test('users tells the name, and the replica is left alone', async () => {
  const { users } = connect();
  assert.deepEqual(await users.find('user1'), { name: 'Ann', status: 'known', source: 'primary' });
  assert.deepEqual(
    primary.seen.map(({ method, path }) => `${method} ${path}`),
    ['GET /users/user1'],
  );
  assert.equal(replica.seen.length, 0);
});

test('each link of the chain answers when those before it cannot', async () => {
  const { users, clock, events } = connect();
  await users.find('user1');
  primary.answer = fails;
  assert.deepEqual(await users.find('user1'), {
    name: 'Ann of the replica',
    status: 'known',
    source: 'fallback',
  });
  replica.answer = fails;
  const known = { name: 'Ann', status: 'known' };
  assert.deepEqual(await users.find('user1'), { ...known, source: 'cache' });
  await clock.advance(60_001);
  assert.deepEqual(await users.find('user1'), { ...known, source: 'stale' });
  const degraded = { name: 'Unknown', status: 'degraded', source: 'degraded' };
  assert.deepEqual(await users.find('user2'), degraded, 'nobody has asked for this one before');
  await clock.advance(86_400_000);
  assert.deepEqual(await users.find('user1'), degraded);
  assert.deepEqual(
    events.fallbacks.filter(({ dependency }) => dependency === 'users').map(({ source }) => source),
    ['fallback', 'cache', 'stale', 'degraded', 'degraded'],
  );

  primary.reset();
  await clock.advance(10_000);
  assert.equal((await users.find('user1')).source, 'primary');
});

test('trouble of something that users depends on is reason enough to ask the replica', async () => {
  const { users } = connect();
  primary.answer = () => {
    throw new DependencyUnavailableError('directory');
  };
  assert.equal((await users.find('user1')).source, 'fallback');
});

test('circuits open over a replica that stays away: it is not asked each time', async () => {
  const { users } = connect();
  primary.answer = fails;
  replica.answer = fails;
  for (let i = 0; i < 10; i++) assert.equal((await users.find('user1')).source, 'degraded');
  assert.equal(primary.seen.length, 3);
  assert.equal(replica.seen.length, 3);
});

test('that there is no such user is an answer, from users; from the replica it proves nothing', async () => {
  const { users } = connect();
  const missing = () => {
    throw new NotFoundError('user', 'user1');
  };
  primary.answer = missing;
  assert.deepEqual(await users.find('user1'), {
    name: 'Unknown',
    status: 'not_found',
    source: 'primary',
  });
  assert.equal(replica.seen.length, 0);
  primary.answer = fails;
  replica.answer = missing;
  assert.equal((await users.find('user1')).status, 'degraded');
});
