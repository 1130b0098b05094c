import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from '@breakwater/hono/loopback';
import pg from 'pg';
import { Config, ConfigurationError } from './config.ts';

const refuses = (message: RegExp) => (error: unknown) =>
  error instanceof ConfigurationError && message.test(error.message);

test('a text has its value, its default, or a sentence that names the variable', () => {
  const config = new Config({ SET: 'x', EMPTY: '' });
  assert.equal(config.text('SET'), 'x');
  assert.equal(config.text('EMPTY', 'fallback'), 'fallback');
  assert.throws(() => config.text('EMPTY'), refuses(/^set EMPTY: it has no default$/));
});

test('a number must be one, and within its bounds', () => {
  const config = new Config({
    PORT: '8080',
    BIG: '70000',
    WORD: 'many',
    HALF: '1.5',
    HEX: '0x1f',
    BLANK: ' ',
  });
  assert.equal(config.port('PORT', 1), 8080);
  assert.equal(config.port('UNSET', 1), 1);
  assert.throws(() => config.port('BIG', 1), refuses(/BIG=70000 is no integer from 0 to 65535/));
  assert.throws(() => config.integer('WORD', 1), refuses(/WORD=many/));
  for (const name of ['HALF', 'HEX', 'BLANK']) {
    assert.throws(() => config.integer(name, 1), refuses(new RegExp(`${name}=`)));
  }
  assert.throws(() => config.integer('PORT', 1, 1, 10), refuses(/from 1 to 10/));
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
  const open = { OPERATIONS_HOST: '0.0.0.0' };
  assert.equal(new Config({ HOST: '0.0.0.0' }).controlToken(), 'breakwater-dev');
  assert.equal(new Config({ ...open, CONTROL_TOKEN: 's' }).controlToken(), 's');
  assert.throws(() => new Config(open).controlToken(), refuses(/set CONTROL_TOKEN/));
  assert.equal(new Config({}).token('DATA_TOKEN', '::1'), 'breakwater-dev');
  assert.throws(() => new Config({}).token('DATA_TOKEN', '10.0.0.1'), refuses(/set DATA_TOKEN/));
});

test('a token that no header can carry is refused, and not repeated', () => {
  for (const token of ['two words', 'schlüssel', 'a\nb']) {
    assert.throws(
      () => new Config({ CONTROL_TOKEN: token }).controlToken(),
      (error: Error) =>
        refuses(/CONTROL_TOKEN has a blank or a sign/)(error) && !error.message.includes(token),
    );
  }
  const signs = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
  assert.equal(new Config({ CONTROL_TOKEN: signs }).controlToken(), signs);
});

const PLACE = { user: 'orders', host: 'db.example', port: 15432, database: 'orders' };

test('a password of any characters reaches the driver as it is', () => {
  for (const password of ['p@ss/w:rd?#[]%', 'a\'b"c\\d$e`f', '100%25', '  ', 'пароль ✓']) {
    const url = new Config({
      DATABASE_URL: 'postgres://orders:other@db.example:15432/orders',
      DATABASE_PASSWORD: password,
    }).databaseUrl();
    const client = new pg.Client({ connectionString: url });
    const { user, host, port, database } = client;
    assert.deepEqual({ user, host, port, database }, PLACE);
    assert.equal(client.password, password);
  }
});

test('a database that is none is refused, its password not repeated', () => {
  for (const DATABASE_URL of ['mysql://u:hunter2@h/x', 'postgres://u:hunter2@h', 'u:hunter2@h/x']) {
    assert.throws(
      () => new Config({ DATABASE_URL }).databaseUrl(),
      (error: Error) => refuses(/^DATABASE_URL is not as/)(error) && !/hunter2/.test(error.message),
    );
  }
  assert.throws(() => new Config({}).databaseUrl(), refuses(/^set DATABASE_URL/));
});

test('choices, switches, lists and hosts say what is allowed', () => {
  const config = new Config({ MODE: 'c', ON: 'yes', HOSTS: ' a, b,,c ', HOST: 'http://x' });
  assert.throws(() => config.oneOf('MODE', ['a', 'b'], 'a'), refuses(/^MODE=c is not a or b$/));
  assert.throws(() => config.switch('ON', 'off'), refuses(/^ON=yes is not on or off$/));
  assert.deepEqual(config.list('HOSTS'), ['a', 'b', 'c']);
  assert.throws(() => config.host('HOST', '::'), refuses(/^HOST=http:\/\/x is no address/));
});

test('all mistakes are told at once, and what they lead to is not', () => {
  const env = { PORT: 'x', MODE: 'y' };
  assert.throws(
    () =>
      Config.read(env, (config) => {
        config.port('PORT', 1);
        config.oneOf('MODE', ['a'], 'a');
        return new URL(config.url('PEER'));
      }),
    ({ problems, message }: ConfigurationError) => {
      assert.deepEqual(problems, [
        'PORT=x is no integer from 0 to 65535',
        'MODE=y is not a',
        'set PEER: it has no default',
      ]);
      assert.equal(message, problems.join('; '));
      return true;
    },
  );
  assert.throws(() => Config.read({}, () => new URL('no')), TypeError);
  assert.equal(
    Config.read({ PORT: '7' }, (config) => config.port('PORT', 1)),
    7,
  );
});

test('operations are on loopback, 10000 above the public port, unless told otherwise', () => {
  assert.equal(new Config({}).operationsHost(), '127.0.0.1');
  assert.equal(new Config({}).operationsPort(8080), 18_080);
  assert.equal(new Config({}).operationsPort(0), 0);
  assert.equal(new Config({ OPERATIONS_PORT: '9' }).operationsPort(60_000), 9);
  assert.throws(() => new Config({}).operationsPort(60_000), refuses(/set OPERATIONS_PORT/));
  const same = () => new Config({ OPERATIONS_PORT: '8080' }).operationsPort(8080);
  assert.throws(same, refuses(/OPERATIONS_PORT=8080 is PORT too/));
});

test('loopback is told from what others can reach', () => {
  for (const host of ['localhost', '::1', '127.0.0.1', '127.1.2.3']) assert.ok(isLoopback(host));
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', '']) {
    assert.ok(!isLoopback(host), host);
  }
});
