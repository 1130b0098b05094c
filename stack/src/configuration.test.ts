import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Config } from '@breakwater/kit/config';
import { parseComposeFile } from './compose-file.ts';
import { readVariables } from './stack-variables.ts';
import {
  documentedRows,
  type Row,
  serviceReads,
  serviceRows,
  stackRows,
  telemetryReads,
} from './testing/documented-variables.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMPOSE = join(ROOT, 'docker-compose.yml');
const PAGE = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');

/** Read by telemetry, beside what a service's own configuration reads. */
const TELEMETRY: readonly Row[] = [
  ['CLIENT_TRACE', '`continue`', 'continue or link'],
  ['DEPLOYMENT_ENVIRONMENT', '`development`', 'any text'],
  ['LOG_DIR', 'its own', 'any text'],
  ['LOG_LEVEL', '`info`', 'error, warn, info or debug'],
  ['SERVICE_NAMESPACE', '`breakwater`', 'any text'],
].map(([variable = '', fallback = '', allowed = '']) => ({
  ...{ variable, processes: 'every service', fallback, allowed },
}));

/** For a process that is started by hand: in the stack another variable, or nothing, says it. */
const BY_HAND = /^(EXPERIMENTS_DIR|(JAEGER|LOKI|PROMETHEUS|GRAFANA)_URL)$/;

async function expectedServiceRows(): Promise<Row[]> {
  const own = serviceRows(await serviceReads(ROOT));
  const others = own.filter(({ variable }) => !TELEMETRY.some((t) => t.variable === variable));
  return [...others, ...TELEMETRY].sort((a, b) => (a.variable < b.variable ? -1 : 1));
}

async function expectedStackRows(): Promise<Row[]> {
  const config = new Config({});
  readVariables(config);
  const runner = serviceRows(
    new Map([
      ['the stack', config.reads],
      ['none', []],
    ]),
  );
  const allowed = [...(await expectedServiceRows()), ...runner].map(
    (row) => [row.variable, row.allowed] as const,
  );
  const listed = stackRows(COMPOSE, new Map(allowed));
  const only = runner.filter(({ variable }) => !listed.some((row) => row.variable === variable));
  return [...listed, ...only].sort((a, b) => (a.variable < b.variable ? -1 : 1));
}

/** It parses the list once for each variable. */
const STACK_ROWS = expectedStackRows();

/** As the page would have them, so that a difference can be copied. */
const lines = (rows: readonly Row[]) =>
  rows.map(
    ({ variable, processes, fallback, allowed }) =>
      `| \`${variable}\` | ${processes} | ${fallback} | ${allowed} |`,
  );

test('the page has every variable of the stack: what it reaches, its default, what is allowed', async () => {
  assert.deepEqual(lines(documentedRows(PAGE, 'Of the stack')), lines(await STACK_ROWS));
});

test('the page has every variable that a service reads, its default, and what is allowed', async () => {
  assert.deepEqual(lines(documentedRows(PAGE, 'Of a service')), lines(await expectedServiceRows()));
});

test('every variable that a service reads reaches it from the list of processes', async () => {
  const reads = await serviceReads(ROOT);
  const { entries } = parseComposeFile(COMPOSE, readFileSync(COMPOSE, 'utf8'), () => ({}));
  for (const { name, isService, environment, native, embedded } of entries.values()) {
    if (!isService) continue;
    const given = { ...environment, ...native?.environment, ...embedded?.environment };
    const own = reads.get(name.replace(/-replica$/, '')) ?? assert.fail(name);
    for (const variable of new Set([...own.map((read) => read.name), ...telemetryReads()])) {
      if (BY_HAND.test(variable) || variable === 'CLIENT_TRACE') continue;
      assert.ok(variable in given, `${variable} does not reach ${name}`);
    }
  }
});

test('a default in the list of processes is the one of the code, but where a container needs another', async () => {
  const code = new Map((await expectedServiceRows()).map((row) => [row.variable, row.fallback]));
  const other: string[] = [];
  for (const { variable, fallback } of await STACK_ROWS) {
    const own = code.get(variable);
    if (own !== undefined && own !== fallback) other.push(variable);
  }
  for (const variable of other) {
    assert.match(variable, /^(CONSOLE_TOKEN|DRAIN_MS|(JAEGER|LOKI|PROMETHEUS|GRAFANA)_HOST)$/);
  }
});
