import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  AppError,
  decodeError,
  type ErrorKind,
  type FormatName,
  formats,
  NotFoundError,
  statusOf,
} from '@breakwater/errors';
import { createService } from '@breakwater/kit';
import { type TestTelemetry, testTelemetry } from '@breakwater/testing';
import { getRequestListener } from '@hono/node-server';
import { type Definition, loadDefinitions } from './definitions.ts';

/** What was planted in each error and must not come out of the service. */
const SECRETS = [
  'select secret from vault',
  'users_email_key',
  'db-7.internal:5432',
  '/srv/app/secret.ts',
  'hunter2',
  's3cret',
];

/** An error of a kind, with something to hide wherever an error can hide it. */
function plantedError(kind: ErrorKind): AppError {
  const below = Object.assign(new Error('select secret from vault at db-7.internal:5432'), {
    stack: 'Error: boom\n    at vault (/srv/app/secret.ts:1:1)',
    constraint: 'users_email_key',
  });
  return new AppError('It did not work.', {
    kind,
    cause: new Error('postgres://app:hunter2@db-7.internal:5432', { cause: below }),
    context: { order_id: 'o-1', password: 'hunter2', nested: [{ api_key: 's3cret' }] },
    internal: { constraint: 'users_email_key', token: 's3cret' },
    retryAfterS: 3,
  });
}

const CONTEXT = { order_id: 'o-1', password: '[redacted]', nested: [{ api_key: '[redacted]' }] };

/** Exactly the fields of a body, by format. */
function expectedBody(format: FormatName, kind: ErrorKind, headers: Headers, path: string) {
  const message = 'It did not work.';
  const traceId = headers.get('x-trace-id');
  const status = statusOf(kind, format);
  switch (format) {
    case 'universal':
      return {
        trace_id: traceId,
        error_code: kind.code,
        message,
        status_code: status,
        service_name: 'contract',
        context: CONTEXT,
      };
    case 'problem':
      return {
        type: `/docs#${kind.code}`,
        title: kind.meaning,
        status,
        detail: message,
        instance: path,
        trace_id: traceId,
        error_code: kind.code,
        service_name: 'contract',
        context: CONTEXT,
      };
    case 'coded':
      return {
        error: true,
        code: kind.code,
        message,
        details: CONTEXT,
        request_id: headers.get('x-request-id'),
      };
    case 'envelope':
      return {
        error: { message, type: kind.name, details: { ...CONTEXT, code: kind.code } },
      };
  }
}

const page = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
const documented = [...page.matchAll(/^### `([A-Z0-9_-]+)`$/gm)].map(([, code]) => code ?? '');
// Services make codes of nouns when they mount their routes; the page knows which.
for (const code of documented) {
  const noun = code.match(/^(.+)_NOT_FOUND$/)?.[1];
  if (noun) NotFoundError.of(noun.toLowerCase().replaceAll('_', ' '));
}
const definitions = await loadDefinitions();

test('docs/errors.md has every code, once, and no other', () => {
  const codes = definitions.map(({ kind }) => kind.code);
  assert.deepEqual(documented.toSorted(), codes.toSorted(), 'run: npm run errors:build');
});

test('every class declares its own name, which a minifier leaves alone', () => {
  for (const { kind, className } of definitions) {
    if (!className || kind.name === 'HTTPException' || className === 'AppError') continue;
    assert.equal(kind.name, className, `${kind.code}: give its kind the name of its class`);
  }
});

test('the rules leave out exactly the technical errors that are meant', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
  const general = await read('../packages/dashboards/rules/resilience.yaml');
  const shop = await read('../otel/rules/shop.yaml');
  const left = [...general.matchAll(/error_code!="([^"]+)"/g)].map(([, code]) => code);
  assert.equal(new Set(left).size, 1);
  assert.equal(general.match(/unless on \(error_code\) errors:meant/g)?.length, left.length);
  const [, meant] = /record: errors:meant[\s\S]*?error_code=~"([^"]+)"/.exec(shop) ?? [];
  const matches = new RegExp(`^(?:${left[0]}|${meant})$`);
  for (const { kind } of definitions.filter((definition) => definition.kind.type === 'technical')) {
    assert.equal(matches.test(kind.code), !kind.alerts, kind.code);
  }
});

test('every code that is documented is defined once, and well', () => {
  const codes = definitions.map(({ kind }) => kind.code);
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.length > 60, `only ${codes.length} codes were found`);
  for (const { kind, owner } of definitions) {
    assert.ok(owner, kind.code);
    for (const text of [kind.meaning, kind.client, kind.operator]) {
      assert.match(text, /^\S.*\.$/, `${kind.code}: ${text}`);
    }
    const retryable = [429, 502, 503, 504].includes(kind.status);
    if (kind.retryable) assert.ok(retryable, `${kind.code} is retryable at ${kind.status}`);
    assert.equal(kind.type === 'technical', kind.status >= 500, `${kind.code}: type and status`);
    if (kind.alerts) assert.equal(kind.type, 'technical', `${kind.code}: only failures alert`);
    const level = kind.type === 'technical' ? ['error'] : ['info', 'warn'];
    assert.ok(level.includes(kind.logLevel), `${kind.code} is logged at ${kind.logLevel}`);
  }
});

for (const format of Object.keys(formats) as FormatName[]) {
  describe(`a service whose format is ${format}`, () => {
    let server: Server;
    let url: string;
    let telemetry: TestTelemetry;

    before(async () => {
      telemetry = testTelemetry('contract');
      const { app } = createService({
        name: 'contract',
        description: 'Throws what it is asked for.',
        format,
        // Nothing but errors is no reason for a line about it here.
        errorRate: { threshold: 1 },
        ...telemetry,
      });
      app.get('/throw/:code', (c) => {
        const found = definitions.find(({ kind }) => kind.code === c.req.param('code'));
        throw plantedError((found as Definition).kind);
      });
      server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });

    for (const { kind } of definitions) {
      test(`${kind.code}: status, headers, body, one line`, async () => {
        const path = `/throw/${kind.code}`;
        for (const asked of new Set<FormatName>([format, 'problem'])) {
          telemetry.lines.length = 0;
          const accept = asked === 'problem' ? 'application/problem+json' : 'application/json';
          const response = await fetch(`${url}${path}`, { headers: { accept } });
          const { status, headers } = response;
          const text = await response.text();

          assert.equal(status, statusOf(kind, asked));
          assert.deepEqual(JSON.parse(text), expectedBody(asked, kind, headers, path));
          checkHeaders(headers, status, asked);
          for (const secret of SECRETS) {
            const everything = `${text} ${[...headers].flat().join(' ')}`;
            assert.ok(!everything.includes(secret), `${secret} came out`);
          }
          const error = await decodeError(new Response(text, { status, headers }));
          assert.equal(error?.kind, kind, 'a client reads it back');
          checkLine(telemetry, kind, headers);
        }
      });
    }
  });
}

function checkHeaders(headers: Headers, status: number, format: FormatName): void {
  assert.equal(headers.get('content-type'), formats[format].mediaType);
  const traceId = headers.get('x-trace-id') ?? '';
  assert.match(traceId, /^[0-9a-f]{32}$/);
  assert.ok(headers.get('x-request-id'));
  assert.match(headers.get('server-timing') ?? '', new RegExp(`^traceparent;desc="00-${traceId}-`));
  const retryAfter = [429, 502, 503, 504].includes(status) ? '3' : null;
  assert.equal(headers.get('retry-after'), retryAfter);
  assert.equal(headers.get('www-authenticate'), status === 401 ? 'Bearer' : null);
}

/** One line, at the level of its kind, with all that is known and no secret. */
function checkLine({ lines }: TestTelemetry, kind: ErrorKind, headers: Headers): void {
  assert.equal(lines.length, 1);
  const [line] = lines;
  assert.ok(line);
  assert.equal(line.level, kind.logLevel);
  assert.equal(line.error_code, kind.code);
  assert.equal(line.error_type, kind.type);
  assert.equal(line.trace_id, headers.get('x-trace-id'));
  assert.equal(line.request_id, headers.get('x-request-id'));
  assert.equal(line['http.route'], '/throw/:code');
  assert.equal(line['http.request.method'], 'GET');
  assert.equal(typeof line.duration_ms, 'number');
  assert.deepEqual(line.context, CONTEXT);
  assert.deepEqual(line.internal, { constraint: 'users_email_key', token: '[redacted]' });
  assert.equal((line.causes as unknown[]).length, 2, 'the whole chain');
  assert.equal('exception.stacktrace' in line, kind.type === 'technical');
  assert.doesNotMatch(JSON.stringify(line), /hunter2|s3cret/);
}
