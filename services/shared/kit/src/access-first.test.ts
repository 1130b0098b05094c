import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { body, createHttpServer, json, requireToken, route } from '@breakwater/hono';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ServiceFaults } from './faults/service-faults.ts';
import { listeningService } from './test-service.ts';

const guard = requireToken('X-Token', 's3cret', 'test');
const schema = z.strictObject({ n: z.int() });
const request = {
  params: z.object({ id: z.string().regex(/^\d+$/) }),
  query: z.object({ page: z.coerce.number().int().default(1) }),
  headers: z.object({ 'idempotency-key': z.string() }),
  body: body(schema),
};
const responses = { 200: json(schema, 'It.') };

/** A service with everything that wants a token, behind a socket. */
async function guarded() {
  const listening = await listeningService({
    controlToken: 't',
    faults: new ServiceFaults(),
    maxBodyBytes: 1_000,
  });
  const { app } = listening.service;
  const own = route({ method: 'post', path: '/own/{id}', middleware: guard, request, responses });
  // As declared without this package.
  const plain = createRoute({
    method: 'post',
    path: '/plain/{id}',
    middleware: [guard] as const,
    request,
    responses,
  });
  const answer = (c: Context) => c.json({ n: 1 }, 200) as never;
  app.openapi(own, answer);
  app.openapi(plain, answer);
  const operations = createHttpServer(listening.service, listening.service.operations);
  operations.listen(0, '127.0.0.1');
  await once(operations, 'listening');
  return {
    ...listening,
    operationsPort: (operations.address() as AddressInfo).port,
    async stop() {
      operations.closeAllConnections();
      operations.close();
      await listening.stop();
    },
  };
}

const GUARDED = [
  'POST /own/x?page=x',
  'POST /plain/x?page=x',
  'POST /breakers/nobody/isolate',
  'POST /breakers/nobody/release',
  'PUT /faults',
  'PUT /faults/nobody',
];

const WRONG_TOKENS = 'Authorization: Bearer wrong\r\nX-Token: wrong\r\n';

/** What is wrong with the rest of the request; none of it may be looked at. */
const WRONG: Record<string, string> = {
  'malformed JSON': 'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"for_s":',
  'no JSON at all': 'Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi',
  'no body': 'Content-Length: 0\r\n\r\n',
  'a body against the schema': 'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
  'a body too large': 'Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n',
  'a body that never ends': 'Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  'chunks that never end':
    'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
};

for (const operation of GUARDED) {
  test(`without a token ${operation} is 401, whatever was sent`, async (t) => {
    const { port: publicPort, operationsPort, stop, lines } = await guarded();
    t.after(stop);
    const port = /own|plain/.test(operation) ? publicPort : operationsPort;
    for (const [what, rest] of Object.entries(WRONG)) {
      // Of wrong tokens only a few are taken from one address.
      const wrong = what === 'malformed JSON' ? [WRONG_TOKENS] : [];
      for (const token of ['', ...wrong]) {
        const socket = connect(port, '127.0.0.1');
        socket.write(`${operation} HTTP/1.1\r\nHost: 127.0.0.1\r\n${token}${rest}`);
        const [answer] = await once(socket, 'data');
        socket.destroy();
        assert.match(String(answer), /^HTTP\/1.1 401 /, what);
        assert.equal(lines.at(-1)?.error_code, 'AUTHENTICATION_REQUIRED', what);
      }
    }
  });
}
