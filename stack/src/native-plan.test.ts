// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose variables
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseComposeFile } from './compose-file.ts';
import { type FindProgram, nativeVariables, planNatively } from './native-plan.ts';
import { StackPaths } from './stack-paths.ts';

const FILE = `
services:
  api:
    build: .
    command: node main.ts --listen \${LISTEN_HOST:-0.0.0.0}
    ports: ['127.0.0.1:\${API_PORT:-80}:\${API_PORT:-80}']
    environment: { DB_URL: 'pg://\${DATA_BASE_HOST:-data-base}/x', LOG_DIR: /var/log }
    volumes: ['logs:/var/log']
  data-base:
    image: db:1
    command: --data=/data
    healthcheck: { test: [CMD, wget, 'http://127.0.0.1:1/ok'] }
    volumes: ['data:/data']
    x-native: { command: db server, environment: { EXTRA: /data/x } }
volumes: { logs: , data: }
`;
const find: FindProgram = async (name) => ({ path: `/bin/${name}` });

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'native-plan-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function plan(environment: Record<string, string> = {}, finder = find) {
  const file = parseComposeFile(join(folder, 'c.yml'), FILE, (names) =>
    nativeVariables(names, environment),
  );
  const made = await planNatively(file, new StackPaths(folder), environment, finder);
  return { ...made, byName: new Map(made.entries.map((entry) => [entry.entry.name, entry])) };
}

test('a service runs with this Node.js, finds the others here, and gets nothing unnamed', async () => {
  const { byName } = await plan({ PATH: '/bin', SECRET: 'x' });
  const command = await byName.get('api')?.prepare();
  assert.equal(command?.command, process.execPath);
  assert.deepEqual(command?.args, ['main.ts', '--listen', '127.0.0.1']);
  assert.deepEqual(command?.environment, {
    PATH: '/bin',
    DB_URL: 'pg://127.0.0.1/x',
    LOG_DIR: join(folder, '.stack/root/api/var/log'),
  });
  assert.equal(command?.cwd, folder);
});

test('a backend runs as its own program with the words of its image', async () => {
  const { byName } = await plan();
  const command = await byName.get('data-base')?.prepare();
  assert.equal(command?.command, '/bin/db');
  assert.deepEqual(command?.args, ['server', `--data=${folder}/.stack/root/data-base/data`]);
  assert.deepEqual(command?.environment, { EXTRA: `${folder}/.stack/root/data-base/data/x` });
});

test('readiness is asked where the health check asks, or at a service itself', async () => {
  const { byName } = await plan({ API_PORT: '8080' });
  assert.equal(byName.get('api')?.ready, 'http://127.0.0.1:8080/readyz');
  assert.equal(byName.get('data-base')?.ready, 'http://127.0.0.1:1/ok');
});

test('what is missing or elsewhere is skipped with its reason', async () => {
  const missing = { reason: 'db 1 is not installed', installable: true };
  const { entries, skipped } = await plan({ API_HOST: 'far' }, async () => missing);
  assert.deepEqual(entries, []);
  assert.deepEqual(skipped, [
    { name: 'api', reason: 'it is at API_HOST=far', installable: false },
    { name: 'data-base', ...missing },
  ]);
});

test('where telemetry is embedded only what has a part in it runs, with its variables', async () => {
  const text = FILE.replace(
    "    volumes: ['logs:/var/log']\n",
    '$&    x-embedded: { environment: { DB_URL: nowhere } }\n',
  );
  const file = parseComposeFile(join(folder, 'c.yml'), text, (names) => nativeVariables(names, {}));
  const made = await planNatively(file, new StackPaths(folder), {}, find, 'embedded');
  assert.deepEqual(
    made.entries.map(({ entry }) => [entry.name, entry.environment.DB_URL]),
    [['api', 'nowhere']],
  );
  assert.deepEqual(made.skipped, [
    { name: 'data-base', reason: 'telemetry is embedded', installable: false },
  ]);
});
