import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, HOST, testApp } from './test-app.ts';

const PATHS = ['/', '/live/now', '/trace', '/openapi.json', '/docs', '/static/x/y', '/no'];

test('a foreign host is refused on every route, the stream included', async (t) => {
  const { ask } = testApp(t);
  for (const host of [
    'evil.example',
    'evil.example:8090',
    '127.0.0.1.evil.example',
    '',
    '10.0.0.1',
  ]) {
    for (const path of PATHS) {
      const response = await ask(path, { headers: { host } });
      assert.equal(response.status, 403, `${host} ${path}`);
      assert.equal((await fieldsOf(response)).error_code, 'FOREIGN_HOST');
    }
  }
});

test('names of loopback are let in, and those that are configured', async (t) => {
  const { ask } = testApp(t);
  for (const host of [HOST, 'localhost:8090', '[::1]:8090', 'console:8090', 'LOCALHOST']) {
    assert.equal((await ask('/healthz', { headers: { host } })).status, 200, host);
  }
});

test('a foreign origin is refused on every route and for every method', async (t) => {
  const { ask } = testApp(t);
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:8080', 'rubbish']) {
    for (const path of PATHS) {
      const response = await ask(path, { headers: { origin } });
      assert.equal((await fieldsOf(response)).error_code, 'FOREIGN_ORIGIN', `${origin} ${path}`);
    }
    const posted = await ask('/v1/traces', { method: 'POST', headers: { origin }, body: '{}' });
    assert.equal(posted.status, 403);
  }
  assert.equal((await ask('/', { headers: { origin: `http://${HOST}` } })).status, 200);
});

test('another page may link to one of these, and may load none of them', async (t) => {
  const { ask } = testApp(t);
  const from = (site: string, mode: string) =>
    ask('/', { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode } });
  assert.equal((await from('cross-site', 'navigate')).status, 200);
  assert.equal((await from('same-origin', 'cors')).status, 200);
  assert.equal((await from('none', 'navigate')).status, 200);
  for (const mode of ['no-cors', 'cors', 'websocket']) {
    assert.equal((await from('cross-site', mode)).status, 403, mode);
    assert.equal((await from('same-site', mode)).status, 403, mode);
  }
});

test('no page runs a script or a style that stands in it, or is framed', async (t) => {
  const { ask } = testApp(t);
  for (const path of ['/', '/trace', '/circuits', '/experiments', '/catalogue']) {
    const response = await ask(path);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    const html = await response.text();
    assert.doesNotMatch(html, /<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/i, path);
  }
});
