import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { type ListeningService, listeningService, testService } from './testing/test-service.ts';

const SECRET = 'select * from plans';

/** A body that sends one chunk and then fails. */
function failing(): ReadableStream {
  let pulls = 0;
  return new ReadableStream({
    pull(controller) {
      if (pulls++ === 0) controller.enqueue(new TextEncoder().encode('first chunk'));
      else controller.error(new Error(SECRET));
    },
  });
}

/** A body that is never done, and what its source noticed. */
function watched() {
  const seen = { pulls: 0, cancelled: 0 };
  const body = new ReadableStream(
    {
      pull: () => {
        seen.pulls++;
        return new Promise(() => undefined);
      },
      cancel: () => {
        seen.cancelled++;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, body };
}

let service: ListeningService;
const ended = Promise.withResolvers<void>();
before(async () => {
  service = await listeningService();
  const { app } = service.service;
  app.get('/light', () => new Response(failing()));
  // As compression does: a body made from a body, which the node server reads before it answers.
  app.get('/wrapped', () => new Response(new Response(failing()).body));
  app.get('/at-once', () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error(SECRET)) });
    return new Response(body, { headers: { 'content-type': 'text/plain' } });
  });
  app.get('/fine', () => new Response(new Blob(['all of it']).stream()));
  app.get('/endless', () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
      cancel: () => ended.resolve(),
    });
    return new Response(body);
  });
  app.get('/text', (c) => c.text('all of it'));
});
after(() => service.stop());
beforeEach(() => service.lines.splice(0));

for (const path of ['/light', '/wrapped', '/at-once']) {
  test(`a stream that fails breaks the connection and is logged with its trace: ${path}`, async () => {
    const traceIds: (string | null)[] = [];
    await assert.rejects(async () => {
      const response = await fetch(`${service.url}${path}`);
      traceIds.push(response.headers.get('x-trace-id'));
      const text = await response.text();
      assert.fail(`the client took ${JSON.stringify(text)} for the whole answer`);
    }, TypeError);

    const line = await eventually(async () => {
      const broken = service.lines.filter(({ message }) => /broken off/.test(message));
      assert.equal(broken.length, 1);
      return broken[0];
    });
    assert.equal(line?.level, 'error');
    assert.equal(line?.['http.route'], path);
    assert.equal(line?.trace_id, service.lines[0]?.trace_id);
    if (traceIds.length > 0) assert.equal(line?.trace_id, traceIds[0]);
    assert.match(String(line?.['exception.stacktrace']), /select \* from plans/);
    assert.equal(line?.error_code, undefined, 'one code in the log is one failed response');
  });
}

test('responses that were broken off are counted', async () => {
  await fetch(`${service.url}/light`)
    .then(
      (r) => r.text(),
      () => undefined,
    )
    .catch(() => undefined);
  await eventually(async () => {
    const metrics = await service.registry.metrics();
    assert.match(metrics, /http_server_broken_responses_total\{http_route="\/light"\} [1-9]/);
  });
});

test('a body that does not fail arrives as it is', async () => {
  for (const path of ['/fine', '/text']) {
    const response = await fetch(`${service.url}${path}`);
    assert.equal(await response.text(), 'all of it');
    assert.ok(response.headers.get('x-trace-id'));
  }
  assert.equal(service.lines.length, 2);
});

test('a client that leaves a stream half way ends its source', async () => {
  const leave = new AbortController();
  const response = await fetch(`${service.url}/endless`, { signal: leave.signal });
  await response.body?.getReader().read();
  leave.abort();
  await ended.promise;
  assert.ok(!service.lines.some(({ level }) => level === 'error'));
});

test('a source that nobody will read is cancelled, and not read', async () => {
  const { service: inMemory, lines } = testService();
  const light = watched();
  const wrapped = watched();
  inMemory.app.get('/light', () => new Response(light.body));
  inMemory.app.get('/wrapped', () => new Response(new Response(wrapped.body).body));
  for (const { path, source } of [
    { path: '/light', source: light },
    { path: '/wrapped', source: wrapped },
  ]) {
    const response = await inMemory.app.request(path, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.deepEqual(source.seen, { pulls: 0, cancelled: 1 }, path);
  }
  assert.equal(lines.length, 2);
});

test('HEAD to a source that has failed is a success', async () => {
  service.lines.splice(0);
  assert.equal((await fetch(`${service.url}/at-once`, { method: 'HEAD' })).status, 200);
  assert.ok(!service.lines.some(({ level }) => level === 'error'));
});

test('a source is not read before somebody reads the response', async () => {
  const { service: inMemory } = testService();
  const { seen, body } = watched();
  inMemory.app.get('/light', () => new Response(body));
  const response = await inMemory.app.request('/light');
  assert.equal(seen.pulls, 0);
  void response.body?.getReader().read();
  assert.equal(seen.pulls, 1);
});

test('without a socket the reader is told, and not why', async () => {
  const { service: inMemory, lines } = testService();
  inMemory.app.get('/light', () => new Response(failing()));
  const response = await inMemory.app.request('/light');
  await assert.rejects(response.text(), { message: 'the response was broken off' });
  assert.equal(lines.length, 2);
});
