import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadEnvironment, parseDotEnv } from './environment.ts';

test('what Docker and Node read alike is taken', () => {
  const text = `# ports
LOKI_PORT=13100   # moved
export GATEWAY_PORT = 18080
POSTGRES_PASSWORD='p@ss $w#rd "x" {y} ;'
GRAFANA_PASSWORD="it's #1"
EMPTY=
`;
  assert.deepEqual(
    { ...parseDotEnv(text) },
    {
      LOKI_PORT: '13100',
      GATEWAY_PORT: '18080',
      POSTGRES_PASSWORD: 'p@ss $w#rd "x" {y} ;',
      GRAFANA_PASSWORD: "it's #1",
      EMPTY: '',
    },
  );
});

for (const value of ['a$b', 'a#b', '"a$b"', String.raw`"a\nb"`, "it's", String.raw`a\b`, "'open"]) {
  test(`${value} means two things and is refused, unseen`, () => {
    assert.throws(
      () => parseDotEnv(`OK=1\nPASSWORD=${value}`),
      ({ message }: Error) => {
        assert.match(message, /^\.env: put the value of PASSWORD in single quotes/);
        assert.ok(!message.includes(value));
        return true;
      },
    );
  });
}

test('a file that is there and cannot be read is not silently left out', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'environment-'));
  t.after(() => rm(folder, { recursive: true }));
  assert.equal(loadEnvironment(folder).LOKI_PORT, undefined);
  await mkdir(join(folder, '.env'));
  assert.throws(() => loadEnvironment(folder), /\.env is there and cannot be read/);
  await rm(join(folder, '.env'), { recursive: true });
  await writeFile(join(folder, '.env'), 'LOKI_PORT=13100');
  assert.equal(loadEnvironment(folder).LOKI_PORT, '13100');
});
