import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type TemporaryPostgres, temporaryPostgres } from '@breakwater/embedded-postgres';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './testing/index.ts';

const SERVICE = fileURLToPath(new URL('./testing/traced-service.ts', import.meta.url));
const REGISTER = new URL('./register.ts', import.meta.url).href;
const CLIENT = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

interface Running {
  readonly url: string;
  /** Its server for operators. */
  readonly operationsUrl: string;
  /** Ends it as a service ends, and gives what it wrote to stdout. */
  stop(): Promise<string>;
}

async function start(receiver: OtlpReceiver, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const child: ChildProcess = fork(SERVICE, {
    execArgv: ['--import', REGISTER],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'traced',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      DEPLOYMENT_ENVIRONMENT: 'test',
      LOG_DIR: '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const stdout = text(child.stdout as Readable);
  const [{ port, operationsPort }] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    operationsUrl: `http://127.0.0.1:${operationsPort}`,
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      assert.deepEqual(await exited, [0, null]);
      return stdout;
    },
  };
}

function server(path: string, traceId?: string) {
  return (span: ReceivedSpan) =>
    span.kind === 'SERVER' &&
    span.attributes['url.path'] === path &&
    (traceId === undefined || span.traceId === traceId);
}

describe('a service started with the hook', () => {
  let receiver: OtlpReceiver;
  let postgres: TemporaryPostgres;
  let service: Running;
  before(async () => {
    receiver = await startOtlpReceiver();
    postgres = await temporaryPostgres();
    service = await start(receiver, { DATABASE_URL: postgres.url });
  });
  after(async () => {
    await service.stop();
    await postgres.stop();
    await receiver.close();
  });

  it('has a SERVER span for each request, named by route, of the service it is', async () => {
    await fetch(`${service.url}/items/1?token=secret-token`);
    const span = await receiver.waitFor(server('/items/1'));
    assert.equal(span.name, 'GET /items/:id');
    assert.equal(span.attributes['http.route'], '/items/:id');
    assert.equal(span.attributes['http.response.status_code'], 200);
    assert.doesNotMatch(JSON.stringify(span), /secret-token/);
    for (const name of [
      'service.version',
      'service.instance.id',
      'telemetry.sdk.name',
      'host.name',
    ]) {
      assert.ok(span.resource[name], name);
    }
    assert.deepEqual(
      [
        span.resource['service.name'],
        span.resource['service.namespace'],
        span.resource['deployment.environment.name'],
      ],
      ['traced', 'breakwater', 'test'],
    );
  });

  it('leaves a 4xx unset and marks a 5xx as an error', async () => {
    await fetch(`${service.url}/items/404?status=404`);
    await fetch(`${service.url}/items/503?status=503`);
    const notFound = await receiver.waitFor(server('/items/404'));
    const unavailable = await receiver.waitFor(server('/items/503'));
    assert.equal(notFound.status, 'UNSET');
    assert.equal(notFound.attributes['http.response.status_code'], 404);
    assert.equal(unavailable.status, 'ERROR');
    assert.equal(unavailable.attributes['error.type'], '503');
  });

  it('records a client’s trace also when the client did not sample it', async () => {
    const traceparent = `00-${CLIENT.traceId}-${CLIENT.spanId}-00`;
    await fetch(`${service.url}/items/2`, { headers: { traceparent } });
    const span = await receiver.waitFor(server('/items/2'));
    assert.equal(span.traceId, CLIENT.traceId);
    assert.equal(span.parentSpanId, CLIENT.spanId);
  });

  it('has a CLIENT span for what it asks, which says which resend it is', async () => {
    for (const attempt of [0, 2]) {
      const traceId = String(attempt + 1).repeat(32);
      const traceparent = `00-${traceId}-${CLIENT.spanId}-01`;
      await fetch(`${service.url}/peer?attempt=${attempt}`, { headers: { traceparent } });
      const parent = await receiver.waitFor(server('/peer', traceId));
      const asked = await receiver.waitFor(server('/items/7', traceId));
      const call = await receiver.waitFor(
        (span) => span.kind === 'CLIENT' && span.traceId === traceId,
      );
      assert.equal(call.parentSpanId, parent.spanId);
      assert.equal(asked.parentSpanId, call.spanId);
      assert.equal(call.attributes['http.request.resend_count'], attempt || undefined);
    }
  });

  it('has no secret of a query in any span', async () => {
    const query = encodeURIComponent('?page=2&refresh_token=SECRET-1&client_secret=SECRET-2');
    await fetch(`${service.url}/peer?query=${query}`);
    await fetch(`${service.url}/items/8?page=3&id_token=SECRET-3&sig=SECRET-4`);
    const asked = await receiver.waitFor(server('/items/8'));
    const call = await receiver.waitFor(({ attributes }) =>
      String(attributes['url.full']).includes('?'),
    );
    assert.equal(asked.attributes['url.query'], 'page=3&id_token=[redacted]&sig=[redacted]');
    assert.match(
      String(call.attributes['url.full']),
      /\/items\/7\?page=2&refresh_token=\[redacted\]/,
    );
    const peer = await receiver.waitFor((span) => span.parentSpanId === call.spanId);
    assert.doesNotMatch(JSON.stringify([asked, call, peer]), /SECRET-/);
  });

  it('has database spans in requests, and none outside of them', async () => {
    await fetch(`${service.url}/rows`);
    const parent = await receiver.waitFor(server('/rows'));
    const query = await receiver.waitFor(
      (span) => span.parentSpanId === parent.spanId && 'db.system.name' in span.attributes,
    );
    assert.equal(query.kind, 'CLIENT');
    const outside = receiver.spans.filter(
      (span) => 'db.system.name' in span.attributes && span.parentSpanId === '',
    );
    assert.deepEqual(outside, []);
  });

  it('traces who asks for metrics or readiness where operators do not', async () => {
    for (const path of ['/metrics', '/readyz?verbose']) {
      await fetch(`${service.url}${path}`);
      const pathname = path.replace(/\?.*/, '');
      await receiver.waitFor((span) => span.attributes['url.path'] === pathname);
    }
  });

  it('leaves what is asked every few seconds out', async () => {
    const before = receiver.spans.length;
    for (const path of ['/metrics', '/healthz', '/readyz?verbose']) {
      await fetch(`${service.operationsUrl}${path}`);
    }
    await fetch(`${service.url}/healthz`);
    await fetch(`${service.url}/items/last`);
    await receiver.waitFor(server('/items/last'));
    const paths = receiver.spans.slice(before).map((span) => span.attributes['url.path']);
    assert.deepEqual(
      paths.filter((path) => /metrics|healthz|readyz/.test(String(path))),
      [],
    );
  });
});

describe('a service that stops', () => {
  it('has sent its last span and written its last line, both of one trace', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver);
    await fetch(`${service.url}/items/1`);
    const lines = (await service.stop())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const span = receiver.spans.find(server('/items/1'));
    assert.ok(span, 'no waiting: the process has ended');
    const line = lines.find(({ message }) => message === 'GET /items/1');
    assert.deepEqual([line.trace_id, line.span_id], [span.traceId, span.spanId]);
    await receiver.close();
  });

  it('stops also when there is no collector', async () => {
    const receiver = await startOtlpReceiver();
    await receiver.close();
    const service = await start(receiver);
    assert.equal((await fetch(`${service.url}/items/1`)).status, 200);
    await service.stop();
  });

  it('sends what a collector missed while it was away', async () => {
    const receiver = await startOtlpReceiver();
    receiver.status = 503;
    const service = await start(receiver);
    await fetch(`${service.url}/items/1`);
    await receiver.waitForRefusal();
    receiver.status = 200;
    await receiver.waitFor(server('/items/1'));
    await service.stop();
    assert.equal(receiver.spans.filter(server('/items/1')).length, 1);
    await receiver.close();
  });
});

describe('an edge whose client repeats itself', () => {
  it('has a trace for each failure all the same, and takes nothing else from the client', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver);
    const traceparent = `00-${CLIENT.traceId}-${CLIENT.spanId}-00`;
    const headers = { traceparent, tracestate: 'ot=th:0', baggage: 'tenant=acme' };
    for (let i = 0; i < 120; i++) await fetch(`${service.url}/items/1`, { headers });
    await fetch(`${service.url}/items/failed?status=503`, { headers });
    const failed = await receiver.waitFor(server('/items/failed'));
    assert.notEqual(failed.traceId, CLIENT.traceId);
    assert.deepEqual(failed.links, [CLIENT]);
    await service.stop();
    const continued = receiver.spans.filter(({ traceId }) => traceId === CLIENT.traceId);
    assert.equal(continued.length, 100);
    await receiver.close();
  });
});

describe('TRUST=internal', () => {
  it('continues a peer’s trace however often, also where clients are only linked', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver, { TRUST: 'internal', CLIENT_TRACE: 'link' });
    const traceparent = `00-${CLIENT.traceId}-${CLIENT.spanId}-01`;
    for (let i = 0; i < 120; i++)
      await fetch(`${service.url}/items/1`, { headers: { traceparent } });
    await service.stop();
    const continued = receiver.spans.filter(({ traceId }) => traceId === CLIENT.traceId);
    assert.equal(continued.length, 120);
    await receiver.close();
  });
});

describe('CLIENT_TRACE=link', () => {
  it('begins a new trace for a client’s request, and links the client’s', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver, { CLIENT_TRACE: 'link' });
    const traceparent = `00-${CLIENT.traceId}-${CLIENT.spanId}-01`;
    await fetch(`${service.url}/items/1`, { headers: { traceparent } });
    const span = await receiver.waitFor(server('/items/1'));
    assert.notEqual(span.traceId, CLIENT.traceId);
    assert.equal(span.parentSpanId, '');
    assert.deepEqual(span.links, [CLIENT]);
    await service.stop();
    await receiver.close();
  });
});

describe('the environment', () => {
  it('that asks for what cannot be done ends the start with one line', async () => {
    const child = fork(SERVICE, {
      execArgv: ['--import', REGISTER],
      env: {
        ...process.env,
        LOG_DIR: '',
        OTEL_TRACES_SAMPLER: 'always_off',
        OTEL_PROPAGATORS: 'b3',
        LOG_LEVEL: 'loud',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      once(child, 'exit'),
    ]);
    assert.equal(code, 1);
    assert.equal(stderr, '');
    const line = JSON.parse(stdout);
    assert.equal(line.level, 'error');
    assert.match(
      line.message,
      /^cannot start: OTEL_TRACES_SAMPLER .*; OTEL_PROPAGATORS .*LOG_LEVEL/,
    );
  });

  it('that disables the SDK leaves a service that runs and sends nothing', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver, { OTEL_SDK_DISABLED: 'true' });
    assert.equal((await fetch(`${service.url}/items/1`)).status, 200);
    await service.stop();
    assert.deepEqual(receiver.spans, []);
    await receiver.close();
  });

  it('that wants no exporter leaves the ids in the lines, and sends nothing', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver, { OTEL_TRACES_EXPORTER: 'none' });
    await fetch(`${service.url}/items/1`);
    const line = JSON.parse((await service.stop()).split('\n')[0] ?? '');
    assert.match(line.trace_id, /^[0-9a-f]{32}$/);
    assert.deepEqual(receiver.spans, []);
    await receiver.close();
  });

  it('that disables an instrumentation is obeyed', async () => {
    const receiver = await startOtlpReceiver();
    const service = await start(receiver, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'undici' });
    await fetch(`${service.url}/peer`);
    await service.stop();
    assert.deepEqual(
      receiver.spans.map(({ kind }) => kind),
      ['SERVER', 'SERVER'],
    );
    await receiver.close();
  });
});
