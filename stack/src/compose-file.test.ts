// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose variables
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseComposeFile } from './compose-file.ts';

const parse = (text: string, variables = {}) =>
  parseComposeFile('/repo/c.yml', text, () => variables);

const FILE = `
x-common: &common
  restart: unless-stopped
  environment: &environment { LEVEL: info, EMPTY: }
services:
  api:
    <<: *common
    build: { context: . }
    command: node --port \${API_PORT:-80} main.ts
    ports: ['127.0.0.1:\${API_PORT:-80}:\${API_PORT:-80}']
    environment: { <<: *environment, PORT: 80, ON: true }
    volumes: ['./etc/api.yaml:/etc/api.yaml:ro', 'logs:/var/log']
    depends_on:
      db: { condition: service_healthy }
  db:
    image: postgres:18
    command: [-c, 'a b=c']
    stop_signal: SIGINT
    stop_grace_period: 1m
    healthcheck: { test: [CMD, ask, 'http://127.0.0.1:1/ready'] }
    x-metrics-ports: ['\${DB_METRICS:-9187}']
    x-native: { command: pg server, ready: 'http://127.0.0.1:1/other', environment: { A: 1 } }
volumes:
  logs: { x-native: logs/services }
  data:
`;

test('an entry is read with its merged keys, words, ports and mounts', () => {
  const api = parse(FILE).entries.get('api');
  assert.ok(api);
  assert.equal(api.isService, true);
  assert.equal(api.restarts, true);
  assert.deepEqual(api.command, ['node', '--port', '80', 'main.ts']);
  assert.deepEqual(api.ports, [{ address: '127.0.0.1', port: 80, variable: 'API_PORT' }]);
  assert.deepEqual(api.environment, { LEVEL: 'info', EMPTY: '', PORT: '80', ON: 'true' });
  assert.deepEqual(api.mounts, [
    { source: './etc/api.yaml', target: '/etc/api.yaml' },
    { source: 'logs', target: '/var/log' },
  ]);
  assert.deepEqual(api.dependsOn, { db: 'ready' });
});

test('an entry tells how it stops, where it is measured and what it is without Docker', () => {
  const db = parse(FILE).entries.get('db');
  assert.ok(db);
  assert.equal(db.isService, false);
  assert.equal(db.restarts, false);
  assert.deepEqual(db.command, ['-c', 'a b=c']);
  assert.equal(db.stopSignal, 'SIGINT');
  assert.equal(db.stopGraceMs, 60_000);
  assert.deepEqual(db.metricsPorts, [9187]);
  const command = ['pg', 'server'];
  assert.deepEqual(db.native, {
    command,
    ready: 'http://127.0.0.1:1/other',
    environment: { A: '1' },
  });
});

test('a volume is a folder below .stack, by its name or as it says', () => {
  assert.deepEqual(
    [...parse(FILE).volumes],
    [
      ['logs', 'logs/services'],
      ['data', 'data/data'],
    ],
  );
});

test('variables move a port in all its places', () => {
  const api = parse(FILE, { API_PORT: '8080' }).entries.get('api');
  assert.equal(api?.ports[0]?.port, 8080);
  assert.equal(api?.command[2], '8080');
});

test('a port that is none is told by its variable, all of them at once', () => {
  const port = (name: string) => `127.0.0.1:\${${name}:-1}:\${${name}:-1}`;
  const text = `services: { a: { image: x, ports: [${['A', 'B', 'C', 'D', 'E'].map((name) => `'${port(name)}'`)}] } }`;
  assert.throws(
    () => parse(text, { A: '0', B: '65536', C: 'web', D: '65535', E: '-1' }),
    ({ message }: Error) => {
      const lines = ['A=0', 'B=65536', 'C=web', 'E=-1'];
      assert.equal(
        message,
        lines.map((line) => `${line} is no port: an integer from 1 to 65535 is.`).join('\n'),
      );
      return true;
    },
  );
});

test('the names of all entries are known before variables are asked for', () => {
  let seen: readonly string[] = [];
  parseComposeFile('/repo/c.yml', FILE, (names) => {
    seen = names;
    return {};
  });
  assert.deepEqual(seen, ['api', 'db']);
});

const WRONG: [string, string, RegExp][] = [
  ['no list', 'volumes: {}', /c\.yml: it has no "services"/],
  ['bad YAML', 'services: [', /c\.yml: /],
  ['unknown key', 'services: { a: { image: x, entrypoint: y } }', /entry "a": "entrypoint" is not/],
  ['no image', 'services: { a: { command: x } }', /entry "a": it needs either "image" or "build"/],
  ['empty entry', 'services: { a: }', /entry "a": it is empty/],
  [
    'short port',
    'services: { a: { image: x, ports: ["80:80"] } }',
    /port "80:80" is not "address:/,
  ],
  ['two ports', 'services: { a: { image: x, ports: ["127.0.0.1:80:81"] } }', /differs inside/],
  [
    'needs as a list',
    'services: { a: { image: x, depends_on: [b] } }',
    /"depends_on" must be a map/,
  ],
  ['no condition', 'services: { a: { image: x, depends_on: { a: {} } } }', /"a" needs a condition/],
  [
    'unknown entry',
    'services: { a: { image: x, depends_on: { b: { condition: service_started } } } }',
    /"a" depends on "b", not in it/,
  ],
  [
    'circle',
    'services: { a: { image: x, depends_on: { a: { condition: service_started } } } }',
    /a -> a/,
  ],
  ['list', 'services: { a: { image: x, environment: [A=1] } }', /"environment" must be a map/],
  ['volume', 'services: { a: { image: x, volumes: ["v:/v"] } }', /uses the volume "v"/],
  ['variable', 'services: { a: { image: "${TAG}" } }', /entry "a": .*needs the variable TAG/],
  ['duration', 'services: { a: { image: x, stop_grace_period: 5 } }', /"5" is not a duration/],
  [
    'native',
    'services: { a: { image: x, x-native: { ready: y } } }',
    /"x-native" needs a "command"/,
  ],
];
for (const [name, text, message] of WRONG) {
  test(`wrong: ${name}`, () => assert.throws(() => parse(text), message));
}
