import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

async function statuses(path: string, count: number, seed: number): Promise<number[]> {
  const seen: number[] = [];
  for (let call = 0; call < count; call += 1) {
    const response = await fetch(`${app.url}${path}${call === 0 ? `?seed=${seed}` : ''}`);
    await response.text();
    seen.push(response.status);
  }
  return seen;
}

for (const [path, failureRate] of [
  ['/fake_service', 0.7],
  ['/unstable', 0.5],
] as const) {
  test(`${path} fails in ${failureRate * 100} % of all calls, repeatably`, async () => {
    const seen = await statuses(path, 300, 7);
    const share = seen.filter((status) => status === 503).length / seen.length;
    assert.ok(Math.abs(share - failureRate) < 0.08, `${share} of all calls failed`);
    assert.deepEqual(await statuses(path, 50, 7), seen.slice(0, 50));
    assert.notDeepEqual(await statuses(path, 50, 8), seen.slice(0, 50));
  });
}

test('a failure is one of the contract', async () => {
  const response = await fetch(`${app.url}/fake_service?seed=0`);
  const error = (await response.json()) as { error_code: string };
  assert.equal(error.error_code, 'FLAKY_SERVICE');
  assert.ok(response.headers.has('retry-after'));
});

test('deliveries are accepted', async () => {
  const response = await fetch(`${app.url}/deliveries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: 'user1@example.com', subject: 'Paid', body: 'Thank you.' }),
  });
  assert.equal(response.status, 202);
  assert.equal(((await response.json()) as { status: string }).status, 'accepted');
});
