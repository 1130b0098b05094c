/**
 * What every service refuses at its door.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { head, openRaw } from '../raw-http.ts';
import {
  authorization,
  codeOf,
  consoleToken,
  control,
  expect,
  fault,
  fleet,
  IN_FLIGHT,
  names,
  noFaults,
  type Request,
  takesBody,
  witness,
} from './scene.ts';

const EDGES: ReadonlySet<string> = new Set(['gateway', 'console']);

test('what every service refuses, whatever it is for', async () => {
  for (const name of names) {
    const { url } = fleet.service(name);
    const host = `Host: ${new URL(url).host}`;
    const [method, path] = takesBody.get(name) ?? assert.fail(`${name} takes no body`);
    const [get, expired] = ['GET', { headers: { 'x-deadline-ms': '0' } }];
    await expect('a path nobody has', name, [get, '/nowhere'], 404, 'ROUTE_NOT_FOUND');
    await expect('another method', name, ['PUT', '/healthz'], 405, 'METHOD_NOT_ALLOWED');
    // Of an edge nobody but itself may ask for haste.
    const hasty = EDGES.has(name) ? undefined : 'DEADLINE_EXCEEDED';
    const status = hasty ? 504 : 200;
    await expect('a deadline of 0 ms', name, [get, '/openapi.json', expired], status, hasty);
    const entitled = { ...consoleToken, authorization };
    const nothing = { headers: entitled, body: {} };
    await expect('an empty object', name, [method, path, nothing], 422, 'VALIDATION_ERROR');
    const text = { headers: { ...entitled, 'content-type': 'text/plain' }, body: {} };
    await expect('a body of text', name, [method, path, text], 415, 'UNSUPPORTED_MEDIA_TYPE');
    const large = { headers: entitled, body: { text: 'x'.repeat(2_000_000) } };
    await expect('a body of 2 MB', name, [method, path, large], 413, 'PAYLOAD_TOO_LARGE');
    const steer = { body: { by: 'test', why: 'test', for_s: 1 } };
    const steering = '/breakers/nobody/isolate';
    const refused = 'AUTHENTICATION_REQUIRED';
    const operate = (step: string, request: Request, status: number, code: string) =>
      expect(step, name, request, status, code, 'operate');
    await operate('steering without a token', ['POST', steering, steer], 401, refused);
    const allowed = { ...steer, ...control };
    const missing = 'BREAKER_NOT_FOUND';
    await operate('steering what is not there', ['POST', steering, allowed], 404, missing);
    for (const at of ['/metrics', '/readyz', '/breakers', '/errors', '/faults', steering]) {
      await expect(`${at} for the public`, name, [get, at], 404, 'ROUTE_NOT_FOUND');
    }
    const { operationsUrl } = fleet.service(name);
    const refuseRaw = (step: string, ...lines: string[]) =>
      witness.step(step, async () => {
        const bytes = head('GET /breakers HTTP/1.1', ...lines, 'Connection: close');
        assert.equal((await witness.raw(name, bytes, operationsUrl)).status, 403);
      });
    await refuseRaw('operations under a foreign name', 'Host: evil.example');
    const local = `Host: ${new URL(operationsUrl).host}`;
    await refuseRaw('operations from a foreign page', local, 'Origin: http://evil.example');
    await witness.step('no HTTP at all', async () => {
      assert.equal((await witness.raw(name, 'hello\r\n\r\n')).body !== undefined, true);
    });
    await witness.step('headers of 20 KB', async () => {
      const bytes = head('GET / HTTP/1.1', host, `X-Big: ${'x'.repeat(20_000)}`);
      assert.equal((await witness.raw(name, bytes)).status, 431);
    });
    await witness.step('leaving in mid-upload', async () => {
      const json = 'Content-Type: application/json';
      const token = `X-Console-Token: ${consoleToken['x-console-token']}`;
      const bearer = `Authorization: ${authorization}`;
      const lines = [host, json, token, bearer];
      const request = head(`${method} ${path} HTTP/1.1`, ...lines, 'Content-Length: 99');
      const socket = await openRaw(url, `${request}{`);
      await eventually(async () => {
        const { body } = await fleet.ask(name)('GET', '/healthz');
        assert.equal(body.status, 'ok');
      });
      socket.destroy();
      await witness.logged(name, 'REQUEST_CANCELLED');
    });
  }
});

/** Bodies that no operation takes. */
const BAD_BODIES: Record<string, string | Buffer> = {
  'no JSON': '{"a":',
  nothing: '',
  'bad UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  'an overlong NUL': Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
  'UTF-8 with a byte order mark': '\ufeff{}',
  'half a surrogate pair': '{"a":"\\ud83d"}',
  'a NUL byte': '{"a":"\0"}',
  'an escaped NUL': '{"a":"\\u0000"}',
  'nesting 100 deep': `${'['.repeat(100)}${']'.repeat(100)}`,
  'nesting 50,000 deep': '['.repeat(50_000),
  'a list': '[]',
  'a number': '1e999',
  'keys of the prototype': '{"__proto__":{"admin":true},"constructor":1}',
};

test('bodies that no operation takes, at every operation that takes one', async () => {
  for (const name of names) {
    const { url, operationsUrl } = fleet.service(name);
    const documents = [
      [url, (await fleet.ask(name)('GET', '/openapi.json')).body],
      [operationsUrl, (await fleet.operate(name)('GET', '/openapi.json')).body],
    ] as const;
    for (const [at, { paths }] of documents)
      for (const [template, methods] of Object.entries<Record<string, object>>(paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          if (!('requestBody' in operation)) continue;
          const path = template.replaceAll(/\{\w+\}/g, 'x');
          for (const [what, body] of Object.entries(BAD_BODIES)) {
            await witness.step(`a body that is ${what}`, async () => {
              const request = head(
                `${method.toUpperCase()} ${path} HTTP/1.1`,
                `Host: ${new URL(at).host}`,
                `Authorization: ${authorization}`,
                `X-Console-Token: ${consoleToken['x-console-token']}`,
                'Idempotency-Key: k',
                'Content-Type: application/json',
                `Content-Length: ${Buffer.byteLength(body)}`,
                'Connection: close',
              );
              const bytes = Buffer.concat([Buffer.from(request), Buffer.from(body)]);
              const { status } = await witness.raw(name, bytes, at);
              assert.equal(status, 422, `${name} ${method} ${path}: ${what}`);
            });
          }
        }
      }
    assert.equal((await fleet.ask(name)('GET', '/healthz')).status, 200);
  }
});

/** What stands in a path or a query, and is no number whatever JavaScript makes of it. */
const NO_NUMBERS = ['', '1e1', '0x1', 'NaN', 'Infinity', '%2B1', '01', '1.0', '%201', '%D9%A3'];
const ODD_TEXTS = [...NO_NUMBERS, '%00', '%ED%A0%80', '%C0%AF', '%FF', '%', '%zz', '..%2f', '💥'];

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly type?: string };
}

test('odd numbers and odd texts, in every path and query', async () => {
  for (const name of names) {
    const { url } = fleet.service(name);
    const { paths } = (await fleet.ask(name)('GET', '/openapi.json')).body;
    const ask = async (method: string, target: string) => {
      const host = `Host: ${new URL(url).host}`;
      const token = `X-Console-Token: ${consoleToken['x-console-token']}`;
      const bytes = head(`${method} ${target} HTTP/1.1`, host, token, 'Connection: close');
      return (await witness.raw(name, bytes)).status;
    };
    const operations = Object.entries<Record<string, { parameters?: Parameter[] }>>(paths).flatMap(
      ([path, { get, delete: remove }]) => [
        { method: 'GET', path, parameters: get?.parameters ?? [] },
        { method: 'DELETE', path, parameters: remove?.parameters ?? [] },
      ],
    );
    for (const { method, path, parameters } of operations) {
      for (const parameter of parameters.filter((each) => /path|query/.test(each.in))) {
        await witness.step(`odd values of ${parameter.name}`, async () => {
          for (const text of ODD_TEXTS) {
            const inPath = path.replaceAll(/\{(\w+)\}/g, (_, key) =>
              key === parameter.name ? text : 'x',
            );
            const query = parameter.in === 'query' ? `?${parameter.name}=${text}` : '';
            const status = await ask(method, inPath + query);
            const what = `${name} ${method} ${inPath}${query} was answered ${status}`;
            assert.ok(status > 0 && status < 500, what);
            const strict = /integer|number/.test(parameter.schema.type ?? '') && path === inPath;
            if (strict && NO_NUMBERS.includes(text)) assert.equal(status, 422, what);
          }
        });
      }
    }
  }
});

test('headers that come too slowly', async () => {
  await witness.step('half a request, and then silence', async () => {
    const answers = await Promise.all(
      names.map((name) => witness.raw(name, 'GET /healthz HTTP/1.1\r\nHost: x\r\n')),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      names.map(() => 408),
    );
  });
});

test('more requests at once than a service takes', async () => {
  const { url } = fleet.service('unstable');
  await fault({ route: 'GET /charges', kind: 'hang', when: 'before', for_s: 60 });
  await witness.step(`${IN_FLIGHT} requests that hang`, async () => {
    const bytes = head('GET /charges?reference=x HTTP/1.1', `Host: ${new URL(url).host}`);
    const sockets = await Promise.all(Array.from({ length: IN_FLIGHT }, () => openRaw(url, bytes)));
    await eventually(async () => {
      const { status, body } = await witness.ask('unstable', 'GET', '/openapi.json');
      assert.deepEqual([status, codeOf(body)], [503, 'OVERLOADED']);
    });
    for (const socket of sockets) socket.destroy();
    await eventually(async () => {
      const { status } = await fleet.ask('unstable')('GET', '/openapi.json');
      assert.equal(status, 200, 'recovers by itself');
    });
  });
  await noFaults();
});

test('bodies that do not end', async () => {
  for (const name of names) {
    const { url } = fleet.service(name);
    const [method, path] = takesBody.get(name) ?? [];
    if (path === undefined) continue;
    const bytes = head(
      `${method} ${path} HTTP/1.1`,
      `Host: ${new URL(url).host}`,
      `X-Console-Token: ${consoleToken['x-console-token']}`,
      'Content-Type: application/json',
      'Content-Length: 99',
    );
    await witness.step('more bodies that do not end than there are places', async () => {
      const sockets = await Promise.all(
        Array.from({ length: IN_FLIGHT + 1 }, () => openRaw(url, `${bytes}{`)),
      );
      assert.equal((await fleet.ask(name)('GET', '/openapi.json')).status, 200);
      for (const socket of sockets) socket.destroy();
    });
  }
});
