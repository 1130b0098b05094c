import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { IdentifiedResponse } from './identified-response.ts';

const IDENTITY = { 'x-trace-id': 'ours', 'x-request-id': 'r1' };

type Answer = (response: IdentifiedResponse) => void;

describe('IdentifiedResponse', () => {
  let answer: Answer;
  const server = createServer({ ServerResponse: IdentifiedResponse }, (_, response) =>
    answer(response),
  );
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  async function ask(by: Answer): Promise<IncomingMessage> {
    answer = by;
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response;
  }

  it('writes the ids however the head comes about', async () => {
    const answers: Record<string, Answer> = {
      'with headers': (response) => response.writeHead(200, { 'content-type': 'a/b' }).end(),
      'with a reason': (response) => response.writeHead(200, 'Fine', { etag: 'e' }).end(),
      'without headers': (response) => response.writeHead(204).end(),
      'not said': (response) => response.end('text'),
      'set before': (response) => response.setHeader('etag', 'e').writeHead(200).end(),
      'a stream': (response) => response.writeHead(200, {}).write('text') && response.end(),
    };
    for (const [how, by] of Object.entries(answers)) {
      const { headers } = await ask((response) => {
        response.identity = IDENTITY;
        by(response);
      });
      assert.equal(headers['x-trace-id'], 'ours', how);
      assert.equal(headers['x-request-id'], 'r1', how);
    }
  });

  it('passes on what it was given besides', async () => {
    const response = await ask((response) => {
      response.identity = IDENTITY;
      response
        .writeHead(201, 'Made', { 'content-type': 'a/b', 'set-cookie': ['a=1', 'b=2'] })
        .end();
    });
    assert.equal(response.statusCode, 201);
    assert.equal(response.statusMessage, 'Made');
    assert.equal(response.headers['content-type'], 'a/b');
    assert.deepEqual(response.headers['set-cookie'], ['a=1', 'b=2']);
  });

  it('puts its ids in the place of those a peer’s answer brought along', async () => {
    for (const name of ['x-trace-id', 'X-Trace-ID']) {
      const { rawHeaders } = await ask((response) => {
        response.identity = IDENTITY;
        response.writeHead(200, { [name]: 'theirs' }).end();
      });
      const ids = rawHeaders.filter((_, i) => /^x-trace-id$/i.test(rawHeaders[i - 1] ?? ''));
      assert.deepEqual(ids, ['ours']);
    }
  });

  it('is a plain response until it has ids', async () => {
    const { headers, statusMessage } = await ask((response) => response.writeHead(200).end());
    assert.equal(headers['x-trace-id'], undefined);
    assert.equal(statusMessage, 'OK');
  });
});
