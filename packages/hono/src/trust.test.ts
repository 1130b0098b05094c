import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeadlineExceededError } from '@breakwater/errors';
import { currentDeadline } from '@breakwater/resilience';
import type { ServiceOptions } from './create-service.ts';
import { listeningService, testService } from './testing/test-service.ts';
import { INTERNAL_HEADERS } from './trust.ts';

const SAID = Object.fromEntries(INTERNAL_HEADERS.map((name) => [name, '7']));

function makeService(options: Partial<ServiceOptions>) {
  const made = testService(options);
  const { app } = made.service;
  app.get('/left', (c) => c.json({ ms: Math.ceil(currentDeadline()?.remainingMs() ?? 0) }));
  app.get('/headers', (c) => c.json(c.req.header()));
  app.get('/late', () => {
    throw new DeadlineExceededError('The time for this request is used up.');
  });
  return made;
}

const deadline = (ms: number) => ({ headers: { 'x-deadline-ms': String(ms) } });

describe('an edge', () => {
  test('obeys no deadline of a client, and counts no error for it', async () => {
    const { request, operate, registry } = makeService({ deadlineMs: 5_000 });
    for (const ms of [0, 1, 400]) {
      const { status, body } = await request('GET', '/left', deadline(ms));
      assert.equal(status, 200);
      assert.ok(body.ms > 1_000, `${body.ms} ms are left`);
    }
    assert.doesNotMatch(await registry.metrics(), /service_errors_total\{/);
    const { body } = await operate('GET', '/readyz?verbose');
    assert.equal(body.error_rate.errors, 0);
  });

  test('takes every internal header away before a handler could pass it on', async (t) => {
    const { request } = makeService({});
    assert.deepEqual(
      Object.keys((await request('GET', '/headers', { headers: SAID })).body).filter(
        (name) => name in SAID,
      ),
      [],
    );
    const listening = await listeningService();
    t.after(() => listening.stop());
    listening.service.app.get('/headers', (c) =>
      c.json({ all: c.req.header(), raw: [...c.req.raw.headers.keys()] }),
    );
    const { body } = await listening.request('GET', '/headers', {
      headers: { ...SAID, 'x-own': 'kept' },
    });
    assert.deepEqual(
      Object.keys(body.all).filter((name) => name in SAID),
      [],
    );
    assert.deepEqual(
      body.raw.filter((name: string) => name in SAID),
      [],
    );
    assert.equal(body.all['x-own'], 'kept');
  });
});

describe('an internal service', () => {
  const internal = { trust: 'internal', deadlineMs: 5_000 } as const;

  test('has no more time than its peer allows', async () => {
    const { request } = makeService(internal);
    assert.ok((await request('GET', '/left', deadline(400))).body.ms <= 400);
    assert.ok((await request('GET', '/left', deadline(60_000))).body.ms > 1_000);
  });

  test('passes internal headers on to its handlers', async () => {
    const { request } = makeService(internal);
    const { body } = await request('GET', '/headers', { headers: SAID });
    assert.deepEqual(
      Object.keys(body)
        .filter((name) => name in SAID)
        .sort(),
      Object.keys(SAID).sort(),
    );
  });

  for (const [when, path, ms] of [
    ['over before it began', '/left', 0],
    ['over before the work was', '/late', 400],
  ] as const) {
    test(`a deadline of the caller that is ${when} is the caller’s doing`, async () => {
      const { request, operate, registry, lines } = makeService(internal);
      const { status, body } = await request('GET', path, deadline(ms));
      assert.deepEqual([status, body.error_code], [504, 'DEADLINE_EXCEEDED']);
      assert.match(
        await registry.metrics(),
        /service_errors_total\{http_route="[^"]+",error_code="DEADLINE_EXCEEDED",error_type="client"/,
      );
      assert.deepEqual([lines[0]?.level, lines[0]?.error_type], ['info', 'client']);
      const ready = await operate('GET', '/readyz?verbose');
      assert.equal(ready.body.error_rate.errors, 0);
    });
  }

  test('its own deadline stays its own doing', async () => {
    const { request, registry, lines } = makeService({ ...internal, deadlineMs: 300 });
    for (const options of [{}, deadline(60_000)]) {
      assert.equal((await request('GET', '/late', options)).status, 504);
    }
    assert.match(await registry.metrics(), /error_code="DEADLINE_EXCEEDED",error_type="technical"/);
    assert.deepEqual([...new Set(lines.map(({ level }) => level))], ['error']);
  });
});
