import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '@breakwater/testing';
import fc from 'fast-check';
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../../../../otel/node/src/testing/index.ts';

const SERVICE = fileURLToPath(new URL('./testing/span-service.ts', import.meta.url));
const REGISTER = import.meta.resolve('@breakwater/otel/register');
const REQUESTS = 500;

/** A request as it is written, and when its client goes away. */
interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Sends no more than half of the body, and leaves. */
  readonly isAborted: boolean;
}

class Traced {
  readonly #process: ChildProcess;
  readonly #port: number;
  readonly #receiver: OtlpReceiver;

  constructor(process: ChildProcess, port: number, receiver: OtlpReceiver) {
    this.#process = process;
    this.#port = port;
    this.#receiver = receiver;
  }

  static async start(env: NodeJS.ProcessEnv): Promise<Traced> {
    const receiver = await startOtlpReceiver();
    const child = fork(SERVICE, {
      execArgv: ['--import', REGISTER],
      env: {
        ...process.env,
        ...{ OTEL_SERVICE_NAME: 'spans', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
        ...{ OTEL_BSP_SCHEDULE_DELAY: '50', LOG_DIR: '' },
        ...env,
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [port] = await once(child, 'message');
    return new Traced(child, port, receiver);
  }

  /** Sends a request on a connection of its own; resolves when that is closed. */
  async send({ method, target, headers, body, isAborted }: Sent): Promise<void> {
    const socket = connect(this.#port, '127.0.0.1');
    const fields = { host: 'shop.example:8080', connection: 'close', ...headers };
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    const length = body === '' ? [] : [`content-length: ${body.length}`];
    const sent = isAborted ? body.slice(0, body.length / 2) : body;
    socket.write(
      `${[`${method} ${target} HTTP/1.1`, ...head, ...length].join('\r\n')}\r\n\r\n${sent}`,
    );
    if (isAborted) socket.end();
    else socket.resume();
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
  }

  /** SERVER spans by the number that each request carries in its query. */
  spans(count: number): Promise<Map<string, ReceivedSpan>> {
    return eventually(async () => {
      const spans = this.#receiver.spans.filter(({ kind }) => kind === 'SERVER');
      assert.equal(spans.length, count);
      return new Map(spans.map((span) => [numberOf(span), span]));
    });
  }

  async stop(): Promise<void> {
    this.#process.disconnect();
    await once(this.#process, 'exit');
    await this.#receiver.close();
  }
}

function numberOf({ attributes }: ReceivedSpan): string {
  return /n=(\d+)/.exec(String(attributes['url.query']))?.[1] ?? '';
}

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));
const traceparent = fc.oneof(
  fc
    .tuple(hex(32), hex(16), fc.constantFrom('00', '01', 'ff'))
    .map((parts) => `00-${parts.join('-')}`),
  fc.constantFrom('nonsense', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, '', 'ff-1-2-3'),
);
const path = fc.oneof(
  fc.constantFrom('/items/1', '/empty', '/moved', '/body', '/stream', '/nowhere', '/', '/healthy'),
  fc.constantFrom('missing', 'rule', 'dependency', 'bug').map((how) => `/failed/${how}`),
  fc.constantFrom('/items/%C3%BC', '/items/a%2Fb', '/items/%', '//items//1', '/files/a/b.txt'),
  fc.constantFrom('/items/../items/2', '/files/./x', '/items/1;v=2', '/items/a+b', '/ITEMS/1'),
  fc.constantFrom(`/items/${'x'.repeat(2_000)}`, '/items/"<>', '/items/1/', '/items/:id'),
);
const query = fc.constantFrom('', '&q=a%20b', '&token=S3CRET', '&a=1&a=2', '&sig=S3CRET&x', '&?=/');
const request = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'),
    path,
    query,
    headers: fc.record(
      {
        traceparent,
        tracestate: fc.constantFrom('a=1', 'nonsense'),
        'user-agent': fc.constantFrom('test/1.0', ''),
        'x-forwarded-for': fc.constantFrom('203.0.113.7', '203.0.113.7, 10.0.0.1'),
        'x-forwarded-host': fc.constant('elsewhere.example'),
        forwarded: fc.constant('for=203.0.113.9;host=elsewhere.example;proto=https'),
      },
      { requiredKeys: [] },
    ),
    isAborted: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  })
  .map(({ method, path, query, headers, isAborted }) => {
    const sends = method === 'POST' || method === 'PUT';
    const aborts = sends && isAborted;
    return { method, path: aborts ? '/body' : path, query, headers, aborts, sends };
  });

/**
 * What differs, and why; docs/telemetry.md has the same list. Each makes of a span of the
 * instrumentation what ours says.
 */
const DIFFERENCES: readonly {
  readonly name: string;
  readonly apply: (span: Told, sent: Sent) => Told;
}[] = [
  {
    name: 'addresses are those of the connection and of Host, never what a client forwards',
    apply: (span) => ({
      ...span,
      attributes: {
        ...span.attributes,
        'server.address': 'shop.example',
        'server.port': 8080,
        'client.address': '127.0.0.1',
      },
    }),
  },
  {
    name: 'a method that is not known is HTTP in the name of the span',
    apply: (span, { method }) =>
      method === 'PROPFIND' ? { ...span, name: span.name.replace('PROPFIND', 'HTTP') } : span,
  },
  {
    name: 'a request whose client left has the outcome of the service, not the 200 of a response that was never made',
    apply: (span, { isAborted }) =>
      isAborted
        ? {
            ...span,
            attributes: {
              ...span.attributes,
              'http.response.status_code': 499,
              'breakwater.error_code': 'REQUEST_CANCELLED',
            },
          }
        : span,
  },
  {
    name: 'a path that begins with two slashes names no host',
    apply: (span, { target }) =>
      target.startsWith('//items//1')
        ? { ...span, attributes: { ...span.attributes, 'url.path': '//items//1' } }
        : span,
  },
  {
    name: 'an empty User-Agent is none',
    apply: (span) => {
      const { 'user_agent.original': agent, ...attributes } = span.attributes;
      return agent === '' ? { ...span, attributes } : span;
    },
  },
];

type Told = Pick<ReceivedSpan, 'name' | 'kind' | 'status' | 'links' | 'parentSpanId'> & {
  readonly attributes: Readonly<Record<string, unknown>>;
};

function told({ name, kind, status, links, parentSpanId, attributes }: ReceivedSpan): Told {
  const { 'network.peer.port': port, 'breakwater.exemplar': _, ...rest } = attributes;
  assert.ok(Number(port) > 0);
  return { name, kind, status, links, parentSpanId, attributes: rest };
}

let own: Traced;
let instrumented: Traced;
before(async () => {
  [own, instrumented] = await Promise.all([
    Traced.start({}),
    Traced.start({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' }),
  ]);
});
after(() => Promise.all([own.stop(), instrumented.stop()]));

test('a SERVER span of our own is that of instrumentation-http, but for what is listed', async () => {
  const requests = fc.sample(request, { numRuns: REQUESTS, seed: 7 }).map((made, n): Sent => {
    const { method, path, query, headers, aborts, sends } = made;
    const target = `${path}?n=${n}${query}`;
    return { method, target, headers, body: sends ? 'some body' : '', isAborted: aborts };
  });
  for (let i = 0; i < requests.length; i += 10) {
    const batch = requests.slice(i, i + 10);
    await Promise.all([own, instrumented].map((to) => Promise.all(batch.map((r) => to.send(r)))));
  }
  const [ours, theirs] = await Promise.all([own.spans(REQUESTS), instrumented.spans(REQUESTS)]);
  const used = new Set<string>();
  const wrong = [];
  for (const [n, sent] of requests.entries()) {
    const [mine, other] = [ours.get(String(n)), theirs.get(String(n))];
    assert.ok(mine && other, `${sent.method} ${sent.target}`);
    const expected = DIFFERENCES.reduce((span, { name, apply }) => {
      const changed = apply(span, sent);
      if (JSON.stringify(changed) !== JSON.stringify(span)) used.add(name);
      return changed;
    }, told(other));
    if (!isDeepStrictEqual(told(mine), expected)) wrong.push({ sent, mine: told(mine), expected });
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual([...used].sort(), DIFFERENCES.map(({ name }) => name).sort(), 'all are needed');
});
