import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config, ConfigurationError } from '@breakwater/kit';
import { readConfig as settings } from './config.ts';

const readConfig = (env: NodeJS.ProcessEnv) => Config.read(env, settings);
const BEYOND = { HOST: '0.0.0.0', CONTROL_TOKEN: 'c' };

test('on loopback a token is made anew at each start', () => {
  const [one, other] = [readConfig({}).token, readConfig({}).token];
  assert.ok(one.made && one.value.length >= 20);
  assert.notEqual(one.value, other.value);
  assert.deepEqual(readConfig({ CONSOLE_TOKEN: 'given' }).token, { value: 'given', made: false });
});

test('another address wants a token that was configured', () => {
  assert.throws(
    () => readConfig(BEYOND),
    new ConfigurationError('set CONSOLE_TOKEN: it has no default while bound to 0.0.0.0'),
  );
  assert.equal(readConfig({ ...BEYOND, CONSOLE_TOKEN: 'given' }).token.value, 'given');
});

test('sources are embedded or backends', () => {
  assert.equal(readConfig({}).telemetry.kind, 'backends');
  assert.equal(readConfig({ CONSOLE_SOURCES: 'embedded' }).telemetry.kind, 'embedded');
  assert.throws(
    () => readConfig({ CONSOLE_SOURCES: 'loki' }),
    /CONSOLE_SOURCES=loki is not backends or embedded/,
  );
});

test('lists are read from texts', () => {
  const config = readConfig({
    ALLOWED_HOSTS: 'console, me.example',
    EXPERIMENTS_COMMAND: 'node stack/src/main.ts chaos',
  });
  assert.deepEqual(config.allowedHosts, ['console', 'me.example']);
  assert.deepEqual(config.experiments.command, ['node', 'stack/src/main.ts', 'chaos']);
});

test('where a backend is, is checked before the console asks there', () => {
  const { telemetry } = readConfig({ LOKI_PORT: '13100' });
  assert.ok(telemetry.kind === 'backends');
  assert.equal(telemetry.loki, 'http://127.0.0.1:13100');
  assert.throws(
    () => readConfig({ LOKI_PORT: 'x', JAEGER_HOST: 'http://jaeger', GRAFANA_URL: 'grafana' }),
    ({ problems }: ConfigurationError) => {
      assert.deepEqual(problems, [
        'JAEGER_HOST=http://jaeger is no address and no host name',
        'LOKI_PORT=x is no integer from 0 to 65535',
        'GRAFANA_URL is no http:// or https:// URL',
      ]);
      return true;
    },
  );
});
