import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config, ConfigurationError, isLoopback } from './config.ts';

const refuses = (message: RegExp) => (error: unknown) =>
  error instanceof ConfigurationError && message.test(error.message);

test('a text has its value, its default, or a sentence that names the variable', () => {
  const config = new Config({ SET: 'x', EMPTY: '' });
  assert.equal(config.text('SET'), 'x');
  assert.equal(config.text('EMPTY', 'fallback'), 'fallback');
  assert.throws(() => config.text('EMPTY'), refuses(/^set EMPTY: it has no default$/));
});

test('a number must be one, and within its bounds', () => {
  const config = new Config({ PORT: '8080', BIG: '70000', WORD: 'many', HALF: '1.5' });
  assert.equal(config.port('PORT', 1), 8080);
  assert.equal(config.port('UNSET', 1), 1);
  assert.throws(
    () => config.port('BIG', 1),
    refuses(/BIG=70000 is no integer between 0 and 65535/),
  );
  assert.throws(() => config.integer('WORD', 1), refuses(/WORD=many/));
  assert.throws(() => config.integer('HALF', 1), refuses(/HALF=1.5/));
  assert.throws(() => config.integer('PORT', 1, 1, 10), refuses(/between 1 and 10/));
});

test('a URL must be http or https; its value is not repeated, it may hold a password', () => {
  const config = new Config({ PEER: 'http://peer:1/x//', FTP: 'ftp://u:hunter2@x', WORD: 'peer' });
  assert.equal(config.url('PEER'), 'http://peer:1/x');
  for (const name of ['FTP', 'WORD']) {
    assert.throws(
      () => config.url(name),
      (error: Error) => refuses(new RegExp(name))(error) && !/hunter2/.test(error.message),
    );
  }
});

test('a token has a default only where nobody else can reach the service', () => {
  assert.equal(new Config({}).controlToken('127.0.0.1'), 'breakwater-dev');
  assert.equal(new Config({ CONTROL_TOKEN: 's' }).controlToken('0.0.0.0'), 's');
  assert.throws(() => new Config({}).controlToken('0.0.0.0'), refuses(/set CONTROL_TOKEN/));
  assert.equal(new Config({}).token('DATA_TOKEN', '::1'), 'breakwater-dev');
  assert.throws(() => new Config({}).token('DATA_TOKEN', '10.0.0.1'), refuses(/set DATA_TOKEN/));
});

test('loopback is told from what others can reach', () => {
  for (const host of ['localhost', '::1', '127.0.0.1', '127.1.2.3']) assert.ok(isLoopback(host));
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', '']) {
    assert.ok(!isLoopback(host), host);
  }
});
