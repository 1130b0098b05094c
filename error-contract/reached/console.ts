/**
 * What the console refuses.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { head } from '../raw-http.ts';
import { consoleToken, expect, fleet, type Request, witness } from './scene.ts';

test('console: who is let in, and what is not there', async () => {
  const { url } = fleet.service('console');
  const { host } = new URL(url);
  const answered = async (status: number, ...lines: string[]) => {
    const bytes = head('GET / HTTP/1.1', ...lines, 'Connection: close');
    assert.equal((await witness.raw('console', bytes)).status, status);
  };
  await witness.step('another host', () => answered(403, 'Host: evil.example'));
  await witness.step('a page of another origin', () =>
    answered(403, `Host: ${host}`, 'Origin: http://evil.example'),
  );
  const headers = consoleToken;
  const step = (
    text: string,
    path: string,
    body: object | undefined,
    status: number,
    code: string,
  ) => {
    const request = body ? ['POST', path, { headers, body }] : ['GET', path];
    return expect(text, 'console', request as Request, status, code);
  };
  const steer = { address: 'nobody:1', breaker: 'catalog', by: 'test', why: 'test', for_s: 1 };
  const sources = '/api/sources/trace?about=';
  await step('a process nobody is', '/circuits/isolate', steer, 404, 'PROCESS_NOT_FOUND');
  await step('no trace id', `${sources}x`, undefined, 400, 'INVALID_REQUEST');
  const run = { name: 'attack' };
  await step('no command for it', '/experiments', run, 409, 'EXPERIMENTS_UNAVAILABLE');
  await step('stopping nothing', '/experiments/stop', {}, 409, 'NO_EXPERIMENT_RUNNING');
  await fleet.service('console').stop();
  const command = `node ${fileURLToPath(new URL('../pretended-experiments.ts', import.meta.url))}`;
  await fleet.restart('console', { EXPERIMENTS_COMMAND: command });
  const none = { name: 'none' };
  await step('an experiment nobody wrote', '/experiments', none, 404, 'EXPERIMENT_NOT_FOUND');
  assert.equal(
    (await fleet.ask('console')('POST', '/experiments', { headers, body: run })).status,
    202,
  );
  await step('a second at once', '/experiments', run, 409, 'EXPERIMENT_RUNNING');
});
