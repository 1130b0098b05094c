import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotFoundError } from '@breakwater/errors';
import { testTelemetry } from '@breakwater/testing';
import { createService } from './create-service.ts';
import { deprecated } from './deprecated.ts';

const END = {
  since: '2026-12-01',
  sunset: new Date('2027-06-01T12:00:00Z'),
  successor: '/v2/parts',
  documentation: 'https://example.org/parts',
};

test('every response says since when, until when, and what is next; failed ones too', async () => {
  const { app } = createService({ name: 'parts', description: 'Parts.', ...testTelemetry() });
  app.use('/v1/*', deprecated(END));
  app.get('/v1/parts', (c) => c.json({}, 200, { link: '</v1/parts?page=2>; rel="next"' }));
  app.get('/v1/none', () => {
    throw new NotFoundError('part', 'none');
  });
  app.get('/v2/parts', (c) => c.json({}));
  for (const [path, status, first] of [
    ['/v1/parts', 200, '</v1/parts?page=2>; rel="next", '],
    ['/v1/none', 404, ''],
  ] as const) {
    const response = await app.request(path);
    assert.equal(response.status, status);
    assert.equal(response.headers.get('deprecation'), '@1796083200');
    assert.equal(response.headers.get('sunset'), 'Tue, 01 Jun 2027 12:00:00 GMT');
    assert.equal(
      response.headers.get('link'),
      `${first}</v2/parts>; rel="successor-version", <https://example.org/parts>; rel="deprecation"`,
    );
  }
  const { headers } = await app.request('/v2/parts');
  for (const name of ['deprecation', 'sunset', 'link']) assert.equal(headers.get(name), null);
});

test('what is not decided is not said', async () => {
  const { app } = createService({ name: 'parts', description: 'Parts.', ...testTelemetry() });
  app.get('/', deprecated({ since: '2026-12-01' }), (c) => c.text('ok'));
  const { headers } = await app.request('/');
  assert.deepEqual([headers.get('sunset'), headers.get('link')], [null, null]);
});

test('a date that is none, and an end before the beginning, are mistakes', () => {
  assert.throws(() => deprecated({ since: 'soon' }), /since is no date: soon/);
  assert.throws(() => deprecated({ ...END, sunset: '2026-11-30' }), /before the deprecation/);
});
