import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LineRing, TraceRing } from '@breakwater/timeline';
import { ROOT_CONTEXT, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import {
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { readProtobuf } from '../../../timeline/src/embedded/otlp-protobuf.ts';
import { memorySources, NOW, testApp } from '../test-app.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function intake(t: TestContext) {
  const [traces, logs] = [new TraceRing(), new LineRing()];
  const sources = { ...memorySources({}), traces, logs };
  const { ask, page } = testApp(t, { traces, logs, sources });
  const send = (path: string, body: Uint8Array | undefined, type: string) =>
    ask(path, {
      method: 'POST',
      body: Buffer.from(body ?? []),
      headers: { 'content-type': type },
    });
  return { send, page, traces, logs };
}

/** A span as the SDK makes it. */
function spans() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const span = provider.getTracer('t').startSpan('GET /items', { kind: 1 });
  span.setAttributes({ 'http.response.status_code': 500, tags: ['a', 'b'], ratio: 0.5, ok: false });
  span.addEvent('exception', { 'exception.message': 'no item' });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
  span.end();
  return exporter.getFinishedSpans();
}

/** Log records as the SDK makes them, of one span. */
function logRecords(bodies: readonly string[]) {
  const records: ReadableLogRecord[] = [];
  const processor: LogRecordProcessor = {
    onEmit: (record) => void records.push(record),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const spanContext = { traceId: TRACE, spanId: SPAN, traceFlags: TraceFlags.SAMPLED };
  const context = trace.setSpanContext(ROOT_CONTEXT, spanContext);
  const logger = new LoggerProvider({ processors: [processor] }).getLogger('t');
  for (const body of bodies) {
    logger.emit({
      body,
      severityNumber: 17,
      attributes: { 'user.kind': 'guest' },
      context,
      timestamp: NOW,
    });
  }
  return records;
}

for (const [name, type, serializer] of [
  ['JSON', JSON_TYPE, JsonTraceSerializer],
  ['protobuf', PROTOBUF, ProtobufTraceSerializer],
] as const) {
  test(`a span of the SDK is read from ${name}`, async (t) => {
    const { send, traces } = intake(t);
    const [sent] = spans();
    assert.ok(sent);
    const response = await send('/v1/traces', serializer.serializeRequest([sent]), type);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), type);
    assert.equal(await response.text(), type === JSON_TYPE ? '{}' : '');
    const { traceId, spanId } = sent.spanContext();
    const [kept] = (await traces.get(traceId)).found;
    assert.ok(kept);
    assert.deepEqual(
      [kept.spanId, kept.kind, kept.name, kept.failed, kept.statusMessage, kept.parentId],
      [spanId, 'server', 'GET /items', true, 'broken', undefined],
    );
    assert.ok(Math.abs(kept.startMs - Date.now()) < 60_000);
    assert.deepEqual(
      { ...kept.attributes },
      { 'http.response.status_code': 500, tags: ['a', 'b'], ratio: 0.5, ok: false },
    );
    assert.equal(kept.events[0]?.attributes['exception.message'], 'no item');
  });
}

for (const [name, type, serializer] of [
  ['JSON', JSON_TYPE, JsonLogsSerializer],
  ['protobuf', PROTOBUF, ProtobufLogsSerializer],
] as const) {
  test(`a log record of the SDK is a line of its trace, from ${name}`, async (t) => {
    const { send, page, logs } = intake(t);
    const body = serializer.serializeRequest(logRecords(['the items are gone']));
    const response = await send('/v1/logs', body, type);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), type);
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const [line] = (await logs.ofTrace(TRACE, range)).found;
    assert.ok(line);
    assert.deepEqual(
      [line.message, line.level, line.traceId, line.spanId],
      ['the items are gone', 'error', TRACE, SPAN],
    );
    assert.equal(line.fields['user.kind'], 'guest');
    assert.match(await page(`/trace/${TRACE}`), /the items are gone/);
  });
}

test('what cannot be kept is counted as a partial success, in both formats', async (t) => {
  const { send } = intake(t);
  const records = logRecords(['x'.repeat(70_000), 'short']);
  const json = await send('/v1/logs', JsonLogsSerializer.serializeRequest(records), JSON_TYPE);
  assert.equal(json.status, 200);
  const { partialSuccess } = JsonLogsSerializer.deserializeResponse(Buffer.from(await json.text()));
  assert.equal(Number(partialSuccess?.rejectedLogRecords), 1);
  const bytes = ProtobufLogsSerializer.serializeRequest(records);
  const protobuf = await send('/v1/logs', bytes, PROTOBUF);
  const read = ProtobufLogsSerializer.deserializeResponse(
    Buffer.from(await protobuf.arrayBuffer()),
  );
  assert.equal(Number(read.partialSuccess?.rejectedLogRecords), 1);
  assert.match(String(read.partialSuccess?.errorMessage), /^1 log records were not taken/);
  const bad = {
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: TRACE, name: 'no span id' }] }] }],
  };
  const traces = await send('/v1/traces', Buffer.from(JSON.stringify(bad)), JSON_TYPE);
  assert.equal(
    Number(
      JsonTraceSerializer.deserializeResponse(Buffer.from(await traces.text())).partialSuccess
        ?.rejectedSpans,
    ),
    1,
  );
});

test('a refusal of protobuf is a Status in protobuf', async (t) => {
  const { send } = intake(t);
  const response = await send('/v1/traces', Buffer.from('x'), PROTOBUF);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('content-type'), PROTOBUF);
  assert.ok(response.headers.get('x-trace-id'), 'its own trace id leads to its line');
  const status = Buffer.from(await response.arrayBuffer());
  assert.equal(status[0], 0x12);
  assert.equal(status.subarray(2).toString(), 'The body is no ExportTraceServiceRequest.');
});

test('a message that holds messages without end is refused', async () => {
  // arrayValue { values { arrayValue { … } } }, 2,000 deep.
  let value = Buffer.alloc(0);
  const wrap = (field: number, bytes: Buffer): Buffer => {
    const length: number[] = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      if (rest < 0x80) {
        length.push(rest);
        break;
      }
      length.push((rest & 0x7f) | 0x80);
    }
    return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
  };
  for (let i = 0; i < 2_000; i++) value = Buffer.from(wrap(5, wrap(1, value)));
  const record = wrap(5, value);
  const body = wrap(1, wrap(2, wrap(2, record)));
  await assert.rejects(readProtobuf('ExportLogsServiceRequest', body));
});

test('where backends keep lines there is no intake of logs', async (t) => {
  const { ask } = testApp(t);
  const headers = { 'content-type': JSON_TYPE };
  assert.equal((await ask('/v1/logs', { method: 'POST', body: '{}', headers })).status, 404);
});
