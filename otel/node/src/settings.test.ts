import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TelemetrySettingsError } from '@breakwater/telemetry/core';
import { REFUSED_VARIABLES } from './refused-variables.ts';
import { readSettings } from './settings.ts';
import { parseResourceAttributes } from './settings-reader.ts';

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof TelemetrySettingsError);
    return error.problems;
  }
}

/** What a variable is set to, the setting that shows it, and what is refused. */
const HONOURED: Record<string, readonly [value: string, setting: string, refused?: string]> = {
  OTEL_SERVICE_NAME: ['catalog', 'identity'],
  OTEL_RESOURCE_ATTRIBUTES: ['team=shop', 'resource', 'no pair'],
  OTEL_SDK_DISABLED: ['true', 'disabled', 'maybe'],
  OTEL_LOG_LEVEL: ['debug', 'sdk', 'loud'],
  OTEL_TRACES_EXPORTER: ['none', 'exporter', 'console'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['http://a:1/base', 'exporter.url', 'a:1'],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['http://a:1/x', 'exporter.url', 'ftp://a/'],
  OTEL_EXPORTER_OTLP_PROTOCOL: ['http/json', 'exporter.protocol', 'grpc'],
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ['http/json', 'exporter.protocol', 'grpc'],
  OTEL_EXPORTER_OTLP_HEADERS: ['a=1', 'exporter.headers', 'a:1'],
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: ['a=1', 'exporter.headers', 'a b=1'],
  OTEL_EXPORTER_OTLP_TIMEOUT: ['5000', 'exporter.timeoutMs', '5s'],
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: ['5000', 'exporter.timeoutMs', '0'],
  OTEL_EXPORTER_OTLP_COMPRESSION: ['gzip', 'exporter.compression', 'zstd'],
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: ['gzip', 'exporter.compression', 'br'],
  OTEL_EXPORTER_OTLP_CERTIFICATE: ['ca.pem', 'exporter.tls'],
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: ['ca.pem', 'exporter.tls'],
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: ['c.pem', 'exporter.tls'],
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: ['c.pem', 'exporter.tls'],
  OTEL_EXPORTER_OTLP_CLIENT_KEY: ['k.pem', 'exporter.tls'],
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: ['k.pem', 'exporter.tls'],
  OTEL_BSP_SCHEDULE_DELAY: ['200', 'queue', '-1'],
  OTEL_BSP_MAX_QUEUE_SIZE: ['4096', 'queue', 'many'],
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: ['128', 'queue', '0'],
  OTEL_BSP_EXPORT_TIMEOUT: ['1000', 'exporter.timeoutMs', '1e3'],
  OTEL_ATTRIBUTE_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_SPAN_EVENT_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_SPAN_LINK_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: ['7', 'spanLimits', 'x'],
  OTEL_NODE_RESOURCE_DETECTORS: ['host,os', 'detectors', 'aws'],
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: ['http', 'instrumentations', 'http,redis'],
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: ['pg', 'instrumentations'],
};

/** Shown by the tests of what reads them: identity, resource and the SDK. */
const ELSEWHERE = ['identity', 'resource', 'sdk'];

function settingOf(env: NodeJS.ProcessEnv, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], readSettings(env));
}

describe('a variable that is honoured', () => {
  for (const [name, [value, setting, refused]] of Object.entries(HONOURED)) {
    it(`${name} changes ${setting}${refused ? ', and is refused where it is malformed' : ''}`, () => {
      assert.deepEqual(problems({ [name]: value }), []);
      if (!ELSEWHERE.includes(setting)) {
        assert.notDeepEqual(settingOf({ [name]: value }, setting), settingOf({}, setting));
      }
      assert.deepEqual(readSettings({ [name]: '' }), readSettings({}), 'an empty one is unset');
      if (refused === undefined) return;
      const found = problems({ [name]: refused });
      assert.equal(found.length, 1, found.join('; '));
      assert.ok(found[0]?.includes(name), found[0]);
    });
  }
});

describe('a variable that cannot be honoured', () => {
  for (const { name, harmless } of REFUSED_VARIABLES) {
    it(`${name} is refused with a sentence`, () => {
      const variable = name.replace('*', 'X');
      const found = problems({ [variable]: 'something' });
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', new RegExp(`^${variable} cannot be honoured, unset it: .{20,}`));
      for (const value of harmless ?? []) assert.deepEqual(problems({ [variable]: value }), []);
      assert.deepEqual(problems({ [variable]: '' }), []);
    });
  }

  it('does not stand in the way of those whose names begin alike, or are not known', () => {
    assert.deepEqual(problems({ OTEL_RESOURCE_ATTRIBUTES_POD_NAME: 'x', OTEL_POD_IP: 'y' }), []);
  });
});

it('every mistake is told at once, and no secret', () => {
  const found = problems({
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization:Bearer hunter2',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'hunter2@collector',
    OTEL_RESOURCE_ATTRIBUTES: 'key=hunter2%,ok=1',
    CLIENT_TRACE: 'maybe',
  });
  assert.equal(found.length, 5, found.join('\n'));
  assert.doesNotMatch(found.join(), /hunter2/);
});

it('the more special variable wins, and a batch is never larger than its queue', () => {
  const { exporter } = readSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:1/base/',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TIMEOUT: '9000',
    OTEL_BSP_EXPORT_TIMEOUT: '4000',
  });
  assert.equal(exporter?.url.href, 'http://all:1/base/v1/traces');
  assert.deepEqual([exporter?.protocol, exporter?.timeoutMs], ['http/protobuf', 4_000]);
  const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/in' };
  assert.equal(readSettings(traces).exporter?.url.href, 'https://t/in');
  const env = { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '101' };
  assert.match(problems(env).join(), /no batch would fill/);
});

it('what the specification says of OTEL_RESOURCE_ATTRIBUTES is done', () => {
  const text = ' team = shop , a%2Cb=c%3Dd,empty=, ,url=http://x/?a=b';
  assert.deepEqual(parseResourceAttributes(text), {
    team: 'shop',
    'a,b': 'c=d',
    empty: '',
    url: 'http://x/?a=b',
  });
});

it('the table in docs/telemetry.md has every variable, and says what is done with it', () => {
  const path = new URL('../../../docs/telemetry.md', import.meta.url);
  const table = readFileSync(path, 'utf8').split('## What of `OTEL_*` is honoured')[1] ?? '';
  const rows = [...table.matchAll(/^\| (`.+?`) \| (honoured|refused)\b/gm)];
  const documented = (fate: string) =>
    rows
      .filter((row) => row[2] === fate)
      .flatMap((row) => [...(row[1] ?? '').matchAll(/`(\w+\*?)`/g)].map((name) => name[1]))
      .sort();
  assert.deepEqual(documented('honoured'), Object.keys(HONOURED).sort());
  assert.deepEqual(documented('refused'), REFUSED_VARIABLES.map(({ name }) => name).sort());
});
