import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DependencyUnavailableError } from '@breakwater/errors';
import { testResilience } from '@breakwater/resilience/testing';
import { testService } from './testing/test-service.ts';

const AUTHORIZED = { authorization: 'Bearer secret' };

function guarded() {
  const { resilience, clock } = testResilience({ metrics: false });
  const made = testService({ resilience, controlToken: 'secret' });
  const provider = resilience.dependency('provider', {
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 2 }, openMs: 5_000 },
  });
  resilience.dependency('catalog', { breaker: false });
  const fail = () =>
    provider
      .execute(() => Promise.reject(new DependencyUnavailableError('provider')))
      .catch(() => undefined);
  const list = async () => (await made.operate('GET', '/breakers')).body.breakers;
  const post = (path: string, body: object, headers = AUTHORIZED) =>
    made.operate('POST', path, { body, headers });
  return { ...made, clock, provider, fail, list, post };
}

const ISOLATE = { for_s: 60, by: 'ann', why: 'it is being repaired' };
const RELEASE = { by: 'ann', why: 'it is repaired' };

test('a circuit that never moved is closed since the start', async () => {
  const { list, operate } = guarded();
  const [provider, ...others] = await list();
  assert.deepEqual(others, []);
  const { since, ...rest } = provider;
  assert.ok(Date.now() - Date.parse(since) < 10_000);
  assert.deepEqual(rest, {
    name: 'provider',
    state: 'closed',
    failures: 0,
    probes_at: null,
    last_transition: null,
    transitions: [],
  });
  const { body } = await operate('GET', '/breakers');
  assert.equal(body.service, 'test');
  assert.match(body.instance, /:\d+$/);
});

test('an open one tells why, since when, and when it probes', async () => {
  const { fail, list, clock } = guarded();
  await fail();
  assert.equal((await list())[0].failures, 1);
  const before = Date.now();
  await fail();
  const [open] = await list();
  assert.equal(open.state, 'open');
  assert.equal(open.last_transition.from, 'closed');
  assert.equal(open.last_transition.to, 'open');
  assert.equal(open.last_transition.reason, 'tripped');
  assert.equal(open.last_transition.error_type, 'DEPENDENCY_UNAVAILABLE');
  assert.equal(open.last_transition.at, open.since);
  const probesInMs = Date.parse(open.probes_at) - before;
  assert.ok(probesInMs >= 5_000 && probesInMs < 6_000, `${probesInMs}`);

  await clock.advance(5_000);
  const [probing] = await list();
  assert.equal(probing.state, 'half_open');
  assert.equal(probing.probes_at, null);
  assert.equal(Date.parse(probing.since) - Date.parse(open.since), 5_000);
});

test('a circuit is isolated and released by hand, with who and why', async () => {
  const { post, list, provider, lines } = guarded();
  const isolated = await post('/breakers/provider/isolate', ISOLATE);
  assert.equal(isolated.status, 200);
  assert.equal(isolated.body.state, 'isolated');
  assert.equal(isolated.body.isolated_by, 'ann');
  assert.equal(isolated.body.isolated_why, 'it is being repaired');
  assert.equal(isolated.body.last_transition.by, 'ann');
  const endsInMs = Date.parse(isolated.body.probes_at) - Date.now();
  assert.ok(endsInMs > 55_000 && endsInMs <= 60_000, `${endsInMs}`);
  await assert.rejects(
    provider.execute(() => 'unreached'),
    { code: 'CIRCUIT_ISOLATED' },
  );

  const released = await post('/breakers/provider/release', RELEASE);
  assert.equal(released.status, 200);
  assert.equal(released.body.state, 'half_open');
  assert.equal(await provider.execute(() => 'reached'), 'reached');
  assert.equal((await list())[0].state, 'closed');
  const transitions = lines.filter(({ breaker }) => breaker === 'provider');
  assert.deepEqual(
    transitions.map(({ to, by }) => [to, by]),
    [
      ['isolated', 'ann'],
      ['half_open', 'ann'],
      ['closed', undefined],
    ],
  );
  const told: { to: string; why?: string }[] = (await list())[0].transitions;
  assert.deepEqual(
    told.map(({ to, why }) => [to, why]),
    [
      ['closed', undefined],
      ['half_open', 'it is repaired'],
      ['isolated', 'it is being repaired'],
    ],
  );
});

test('an isolation ends by itself', async () => {
  const { post, list, clock } = guarded();
  await post('/breakers/provider/isolate', { ...ISOLATE, for_s: 1 });
  await clock.advance(1_000);
  assert.equal((await list())[0].state, 'half_open');
  const late = await post('/breakers/provider/release', RELEASE);
  assert.equal(late.status, 200, 'no call has come yet: releasing is what happens anyway');
});

test('what does not exist or is not isolated is told so', async () => {
  const { post, list } = guarded();
  for (const name of ['nothing', 'catalog', 'provider%2Fnever', '%2F']) {
    const { status, body } = await post(`/breakers/${name}/isolate`, ISOLATE);
    assert.deepEqual([status, body.error_code], [404, 'BREAKER_NOT_FOUND'], name);
  }
  assert.equal((await list()).length, 1, 'no circuit was made by asking for it');
  const { status, body } = await post('/breakers/provider/release', RELEASE);
  assert.deepEqual([status, body.error_code], [409, 'BREAKER_NOT_ISOLATED']);
});

test('steering wants the token and a sound body; looking does not', async () => {
  const { post, operate, list } = guarded();
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const { status } = await operate('POST', '/breakers/provider/isolate', {
      body: ISOLATE,
      headers,
    });
    assert.equal(status, 401);
  }
  const unsound = [
    { ...ISOLATE, for_s: 0 },
    { ...ISOLATE, for_s: 86_401 },
    { ...ISOLATE, by: ' ' },
    { ...ISOLATE, why: '' },
    { ...ISOLATE, force: true },
    { by: 'ann', why: 'x' },
  ];
  for (const body of unsound) {
    const { status } = await post('/breakers/provider/isolate', body);
    assert.equal(status, 422, JSON.stringify(body));
  }
  assert.equal((await list())[0].state, 'closed');
});

test('they are documented', async () => {
  const { paths } = (await guarded().operate('GET', '/openapi.json')).body;
  assert.ok(paths['/breakers'].get);
  assert.match(paths['/breakers/{name}/isolate'].post.responses['404'].description, /BREAKER/);
  assert.match(paths['/breakers/{name}/release'].post.responses['409'].description, /ISOLATED/);
});
