import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { chooseBackends, describeChoice, describeRemedy } from './choose-backends.ts';
import { readComposeFile } from './compose-file.ts';
import type { FindProgram } from './native-plan.ts';

const FILE = resolve(import.meta.dirname, '../../docker-compose.yml');
const compose = () => readComposeFile(FILE, () => ({}));

/** A machine on which some programs are missing. */
function without(...missing: string[]): FindProgram {
  return async (name) =>
    missing.includes(name) ? { reason: 'x', installable: true } : { path: `/bin/${name}` };
}

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-docker-'));
});
after(() => rmSync(folder, { recursive: true }));

function fakeDocker(exitCode: number): { PATH: string } {
  const file = join(folder, 'docker');
  writeFileSync(file, `#!/bin/sh\nexit ${exitCode}\n`);
  chmodSync(file, 0o755);
  return { PATH: folder };
}

test('with all programs there the backends run', async () => {
  const choice = await chooseBackends(await compose(), {}, without());
  assert.deepEqual(choice, { backends: 'native', forced: false, missing: [] });
  assert.equal(describeChoice(choice), undefined);
  assert.equal(await describeRemedy(choice, {}), undefined);
});

test('without one that is needed telemetry is embedded, and it is named', async () => {
  const choice = await chooseBackends(await compose(), {}, without('loki', 'jaeger'));
  assert.equal(choice.backends, 'embedded');
  assert.match(describeChoice(choice) ?? '', /not installed: loki, jaeger/);
});

test('a missing alert manager or chaos proxy changes nothing', async () => {
  const choice = await chooseBackends(
    await compose(),
    {},
    without('alertmanager', 'toxiproxy-server', 'grafana'),
  );
  assert.equal(choice.backends, 'native');
});

test('a backend that runs elsewhere is not missing', async () => {
  const elsewhere = { LOKI_HOST: 'logs.example' };
  const choice = await chooseBackends(await compose(), elsewhere, without('loki'));
  assert.equal(choice.backends, 'native');
});

test('either can be forced', async () => {
  const embedded = await chooseBackends(await compose(), {}, without(), 'embedded');
  assert.equal(embedded.backends, 'embedded');
  assert.match(describeChoice(embedded) ?? '', /as you said/);
  const native = await chooseBackends(await compose(), {}, without('loki'), 'native');
  assert.equal(native.backends, 'native');
});

test('a list without anything to embed runs as it is', async () => {
  const { entries } = await compose();
  const bare = new Map([...entries].map(([name, { embedded: _, ...entry }]) => [name, entry]));
  const choice = await chooseBackends({ entries: bare }, {}, without('loki'));
  assert.equal(choice.backends, 'native');
});

test('the one command that adds them is that of Docker where its engine answers', async () => {
  const choice = { backends: 'embedded', forced: false, missing: ['loki'] } as const;
  assert.match((await describeRemedy(choice, fakeDocker(0))) ?? '', /"docker compose up"/);
  assert.match((await describeRemedy(choice, fakeDocker(1))) ?? '', /"npm run stack:install"/);
  assert.match((await describeRemedy(choice, { PATH: '' })) ?? '', /"npm run stack:install"/);
});
