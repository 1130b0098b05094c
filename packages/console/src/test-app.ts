/**
 * What the tests of the console share: an app over sources in memory, and a service with a circuit.
 *
 * @module
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DependencyUnavailableError } from '@breakwater/errors';
import { createService } from '@breakwater/hono';
import { testResilience } from '@breakwater/resilience/testing';
import { testTelemetry } from '@breakwater/testing';
import type { AnsweredRequest, LiveSources, LogLine, Span } from '@breakwater/timeline';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { Experiments, type ExperimentsOptions } from './experiments/experiments.ts';
import { Processes } from './processes.ts';
import type { Telemetry } from './telemetry.ts';

export const TOKEN = 'a-token-for-tests';
export const CONTROL_TOKEN = 'a-control-token-for-tests';
export const HOST = '127.0.0.1:8090';
export const NOW = Date.parse('2026-01-02T03:04:05.000Z');

/** What the sources in memory have. */
export interface Kept {
  readonly answers?: readonly AnsweredRequest[];
  readonly spans?: readonly Span[];
  readonly lines?: readonly LogLine[];
}

/** Sources that have what they are given, and nothing else. */
export function memorySources({ answers = [], spans = [], lines = [] }: Kept): LiveSources {
  return {
    kind: 'embedded',
    traces: { get: async () => ({ found: spans }) },
    logs: { ofTrace: async () => ({ found: lines }), within: async () => ({ found: lines }) },
    metrics: {
      query: async () => ({ found: [] }),
      exemplars: async () => ({ found: [] }),
    },
    links: (traceId) => ({ Jaeger: `http://127.0.0.1:16686/trace/${traceId}` }),
    answers: async (query) => ({
      found: answers
        .filter(
          (each) =>
            !query.exceptTraceIds?.includes(each.traceId) &&
            (!query.errorCode || each.errorCode === query.errorCode) &&
            (!query.route || each.route === query.route) &&
            (!query.requestId || each.requestId === query.requestId) &&
            (!query.service || each.service === query.service) &&
            (!query.failedOnly || each.errorCode !== undefined),
        )
        .slice(0, query.limit),
    }),
    traffic: async () => [],
    breakers: async () => [],
    bounds: async () => [
      { name: 'spans', used: 3, limit: 10, unit: 'count', atLimit: 'The oldest go.', dropped: 0 },
    ],
  };
}

export interface TestAppOptions extends Kept {
  readonly sources?: LiveSources;
  readonly traces?: Telemetry['traces'];
  /** What `/v1/logs` hands lines to. */
  readonly logs?: Telemetry['lines'];
  /** Host and port of processes of a service called `shop`. */
  readonly places?: readonly string[];
  readonly experiments?: Partial<ExperimentsOptions>;
}

/** An app, and a way to ask it as a browser on this machine does. */
export function testApp(t: TestContext, options: TestAppOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const targetsFile = join(folder, 'services.json');
  writeFileSync(
    targetsFile,
    JSON.stringify([{ targets: options.places ?? [], labels: { service_name: 'shop' } }]),
  );
  const { logger, registry, lines } = testTelemetry('console');
  const { service, live } = createApp({
    ...{ logger, registry, token: TOKEN, controlToken: CONTROL_TOKEN, allowedHosts: ['console'] },
    telemetry: {
      sources: options.sources ?? memorySources(options),
      traces: options.traces,
      lines: options.logs,
      running: async (links) => links,
      close: () => undefined,
    },
    processes: new Processes({ targetsFile, controlToken: CONTROL_TOKEN }),
    experiments: new Experiments({ command: [], directory: folder, ...options.experiments }),
    now: () => NOW,
  });
  t.after(() => live.close());
  const ask = (path: string, init: RequestInit = {}) =>
    Promise.resolve(
      service.app.request(path, { ...init, headers: { host: HOST, ...init.headers } }),
    );
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-console-token': TOKEN, ...headers },
      body: JSON.stringify(body),
    });
  const page = async (path: string) => (await ask(path)).text();
  return { service, live, ask, post, page, lines, folder };
}

/** The fields of an answer in JSON. */
export async function fieldsOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

/** A service that listens and has one circuit, `provider`. */
export async function shop(t: TestContext) {
  const { resilience } = testResilience({ metrics: false });
  const telemetry = testTelemetry('shop');
  const service = createService({
    ...{ name: 'shop', description: 'A service.', resilience, controlToken: CONTROL_TOKEN },
    ...telemetry,
  });
  const provider = resilience.dependency('provider', {
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 1 }, openMs: 60_000 },
  });
  const server = serve({ fetch: service.operations.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const trip = () =>
    provider
      .execute(() => Promise.reject(new DependencyUnavailableError('provider')))
      .catch(() => undefined);
  return { address: `127.0.0.1:${port}`, trip, readiness: service.readiness };
}
