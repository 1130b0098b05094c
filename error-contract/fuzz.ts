/**
 * Fuzzes both listeners of every service by their OpenAPI documents: `npm run fuzz` starts the
 * services it needs; `npm run fuzz -- http://127.0.0.1:8080 …` asks services that run, whose
 * operational listeners are 10000 ports above.
 *
 * Each answer must have a documented status, media type and body; afterwards no service may have
 * met a bug or answered what its operation does not declare.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Fleet, startFleet, TOKEN } from './fleet.ts';

const SCHEMATHESIS = fileURLToPath(new URL('../.ci/schemathesis', import.meta.url));
const CHECKS = [
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** Cases for one operation; fewer where its input has fewer values. */
const CASES = Number(process.env.FUZZ_CASES ?? 200);
/** A service that takes longer has failed; in seconds. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 600);
const SEED = process.env.FUZZ_SEED ?? '1';
/** With the token its faults would strike the other operations: it is fuzzed without. */
const FAULTS = '^/faults';

/** A listener that is fuzzed, and the one that tells about its service. */
interface Target {
  readonly url: string;
  readonly operationsUrl: string;
}

/** The codes of a status of 500 are bugs, unless somebody asked for them. */
const isBug = (code: string, status: number) => status === 500 && !code.startsWith('INJECTED_');

async function schemathesis(url: string, ...options: string[]): Promise<boolean> {
  const child = spawn(
    SCHEMATHESIS,
    [
      'run',
      `${url}/openapi.json`,
      `--checks=${CHECKS.join(',')}`,
      '--phases=examples,coverage,fuzzing',
      `--max-examples=${CASES}`,
      `--seed=${SEED}`,
      '--continue-on-failure',
      '--no-shrink',
      '--request-timeout=10',
      '--suppress-health-check=all',
      '--warnings=off',
      '--no-color',
      ...options,
    ],
    // It keeps a folder of what it has seen where it is run: not in this tree.
    { stdio: ['ignore', 2, 2], timeout: SECONDS * 1_000, cwd: tmpdir() },
  );
  const [code, signal] = await once(child, 'close');
  if (signal) process.stderr.write(`${url}: not done within ${SECONDS} s (FUZZ_SECONDS)\n`);
  return code === 0;
}

interface ErrorEntry {
  readonly code: string;
  readonly status: number;
  readonly undeclared_by?: readonly string[];
}

async function json(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}

/** What `/errors` and `/metrics` say against a service, in sentences. */
async function complaints({ operationsUrl: url }: Target): Promise<string[]> {
  const errors = (await json(`${url}/errors`)).errors as ErrorEntry[];
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const answered = metrics.matchAll(/^service_errors_total\{.*error_code="([^"]+)"/gm);
  const codes = new Set([...answered].map(([, code]) => code));
  const bugs = errors.filter(({ code, status }) => isBug(code, status) && codes.has(code));
  const undeclared = errors.filter((entry) => entry.undeclared_by);
  return [
    ...bugs.map(({ code }) => `answered ${code}: see its error line`),
    ...undeclared.map((entry) => `${entry.undeclared_by?.join(', ')}: ${entry.code} is undeclared`),
  ];
}

interface Document {
  readonly info: { readonly title: string };
  readonly paths: Record<string, Record<string, { parameters?: unknown[]; requestBody?: object }>>;
}

/** How many requests each operation has answered, as `GET /items/:id`. */
async function countRequests({ operationsUrl: url }: Target): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const series =
    /^http_server_request_duration_seconds_count\{http_request_method="(\w+)",http_route="([^"]+)",[^}]*\} (\d+)/gm;
  for (const [, method, route, count] of (await (await fetch(`${url}/metrics`)).text()).matchAll(
    series,
  )) {
    const operation = `${method} ${route}`;
    counts.set(operation, (counts.get(operation) ?? 0) + Number(count));
  }
  return counts;
}

/** An operation as its document has it, and how often it was asked. */
interface Neglected {
  readonly method: string;
  readonly path: string;
  readonly count: number;
}

/** Operations that take input and were asked fewer times than they should have been. */
function neglected(
  { paths }: Document,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Neglected[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { parameters = [], requestBody }]) => parameters.length > 0 || requestBody)
      .map(([name]) => {
        const method = name.toUpperCase();
        const operation = `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
        return { method, path, count: (after.get(operation) ?? 0) - (before.get(operation) ?? 0) };
      })
      .filter(({ count }) => count < CASES),
  );
}

async function fuzz(target: Target, token: string): Promise<boolean> {
  const { url } = target;
  const document = (await json(`${url}/openapi.json`)) as unknown as Document;
  const { info } = document;
  process.stderr.write(`\n=== ${info.title} at ${url}\n`);
  const [before, asked] = [new Set(await complaints(target)), await countRequests(target)];
  const headers = [
    `--header=Authorization: Bearer ${token}`,
    `--header=X-Token: ${token}`,
    `--header=X-Console-Token: ${token}`,
  ];
  let passed = await schemathesis(url, `--exclude-path-regex=${FAULTS}`, ...headers);
  if ('/faults' in document.paths) {
    passed = (await schemathesis(url, `--include-path-regex=${FAULTS}`)) && passed;
  }
  const rest = async () => neglected(document, asked, await countRequests(target));
  // Beside its neighbours an operation may get a few cases only; alone it gets all of them.
  for (const { method, path } of await rest()) {
    const only = [`--include-name=${method} ${path}`, '--phases=fuzzing'];
    passed = (await schemathesis(url, ...only, ...headers)) && passed;
  }
  const found = [
    ...(await complaints(target)).filter((complaint) => !before.has(complaint)),
    ...(await rest()).map(
      ({ method, path, count }) => `${method} ${path} was asked ${count} times, not ${CASES}`,
    ),
  ];
  for (const complaint of found) process.stderr.write(`${info.title}: ${complaint}\n`);
  return passed && found.length === 0;
}

/** The two listeners of a service at its usual ports. */
function running(url: string): Target {
  const operations = new URL(url);
  operations.port = String(Number(operations.port) + 10_000);
  return { url, operationsUrl: operations.origin };
}

const given = process.argv.slice(2);
let fleet: Fleet | undefined;
try {
  if (given.length === 0) fleet = await startFleet();
  const services = fleet ? [...fleet.services.values()] : given.map(running);
  const targets = services.flatMap(({ url, operationsUrl }): Target[] => [
    { url, operationsUrl },
    { url: operationsUrl, operationsUrl },
  ]);
  const token = fleet ? TOKEN : (process.env.CONTROL_TOKEN ?? 'breakwater-dev');
  const failed: string[] = [];
  for (const target of targets) if (!(await fuzz(target, token))) failed.push(target.url);
  if (failed.length > 0) {
    process.exitCode = 1;
    process.stderr.write(
      `\n${failed.join(', ')}: answered off the contract. Repeat one case with the curl line above; repeat the run with FUZZ_SEED=${SEED}.\n`,
    );
  }
} finally {
  await fleet?.stop();
}
