import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthorizationError } from '@breakwater/errors';
import { testService } from './testing/test-service.ts';

test('who is let in is decided before anything else, and answers by the contract', async () => {
  const { request, lines } = testService({
    access: async (c, next) => {
      if (c.req.header('x-guest') === undefined) throw new AuthorizationError('Not a guest.');
      await next();
    },
  });
  for (const path of ['/', '/healthz', '/openapi.json', '/docs', '/nowhere']) {
    const refused = await request('GET', path);
    assert.deepEqual([refused.status, refused.body.error_code], [403, 'NOT_ALLOWED'], path);
    assert.ok(refused.headers.get('x-trace-id'));
  }
  assert.equal(lines.length, 5);
  const guest = await request('GET', '/healthz', { headers: { 'x-guest': 'yes' } });
  assert.equal(guest.status, 200);
});
