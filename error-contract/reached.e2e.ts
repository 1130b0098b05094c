/**
 * Reaches every code that a live service can answer by a natural request or a real fault, checks
 * each answer against the contract and the log, and prints which code was reached how.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@breakwater/testing';
import pg from 'pg';
import { currentErrorsPage, ERRORS_PAGE } from './current-errors-page.ts';
import { type Fleet, serviceNames, startFleet, TOKEN } from './fleet.ts';
import { head, openRaw } from './raw-http.ts';
import { Witness } from './witness.ts';

const IN_FLIGHT = 120;
const authorization = `Bearer ${TOKEN}`;
const control = { headers: { authorization } };
/** What changes at the console want. */
const consoleToken = { 'x-console-token': TOKEN };

let fleet: Fleet;
let witness: Witness;
let names: string[];
/** A user who has an order, and so stays. */
let buyer: string;
/** One operation of each service that takes a body, found in its document. */
const takesBody = new Map<string, [method: string, path: string]>();

before(async () => {
  const limit = { MAX_IN_FLIGHT: String(IN_FLIGHT) };
  fleet = await startFleet(Object.fromEntries(serviceNames().map((name) => [name, limit])));
  names = [...fleet.services.keys()].sort();
  witness = new Witness(fleet);
  const user = { email: 'buyer@example.org', name: 'Ann' };
  buyer = (await fleet.ask('users')('POST', '/users', { body: user })).body.id;
  await fleet.ask('orders')('POST', '/orders', order('item1', buyer));
  for (const name of names) {
    const { paths } = (await fleet.ask(name)('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { requestBody?: object }>>;
    };
    const [path] = Object.entries(paths).find(
      ([at, { post }]) => post?.requestBody && !/^\/(?:breakers|faults)|\{/.test(at),
    ) ?? [''];
    if (path) takesBody.set(name, ['POST', path]);
  }
});
after(() => fleet.stop());

/** Runs a step and asserts what each of its requests is answered with. */
async function expect(
  step: string,
  service: string,
  request: Parameters<Witness['ask']> extends [string, ...infer Rest] ? Rest : never,
  status: number,
  code: string,
): Promise<void> {
  await witness.step(step, async () => {
    const answer = await witness.ask(service, ...request);
    const body = answer.body;
    assert.deepEqual(
      [answer.status, body?.error_code ?? body?.error?.type],
      [status, code],
      `${service}, ${step}: ${JSON.stringify(body)}`,
    );
  });
}

const order = (item: string, user = 'user-1', quantity = 1) => ({
  body: { user_id: user, item_id: item, quantity },
});

async function fault(body: object): Promise<void> {
  const { status } = await fleet.ask('unstable')('PUT', '/faults', { ...control, body });
  assert.equal(status, 200);
}
const noFaults = () => fleet.ask('unstable')('DELETE', '/faults', control);

/** Sends sound requests until every circuit that a step before has opened is closed again. */
async function closedCircuits(): Promise<void> {
  await eventually(async () => {
    await Promise.all([
      fleet.ask('gateway')('GET', '/items/item1'),
      fleet.ask('gateway')('GET', '/users/none'),
      fleet.ask('gateway')('POST', '/orders', order('item1')),
      fleet.ask('users')('DELETE', `/users/${buyer}`),
    ]);
    for (const name of names) {
      const { body } = await fleet.ask(name)('GET', '/breakers');
      const states = body.breakers.map(({ state }: { state: string }) => state);
      assert.ok(!states.some((state: string) => state !== 'closed'), `${name}: ${states}`);
    }
  });
}

test('what every service refuses, whatever it is for', async () => {
  for (const name of names) {
    const { url } = fleet.service(name);
    const host = `Host: ${new URL(url).host}`;
    const [method, path] = takesBody.get(name) ?? ['POST', '/breakers/nobody/isolate'];
    const [get, expired] = ['GET', { headers: { 'x-deadline-ms': '0' } }];
    await expect('a path nobody has', name, [get, '/nowhere'], 404, 'ROUTE_NOT_FOUND');
    await expect('another method', name, ['PUT', '/healthz'], 405, 'METHOD_NOT_ALLOWED');
    await expect('a deadline of 0 ms', name, [get, '/errors', expired], 504, 'DEADLINE_EXCEEDED');
    const nothing = { headers: consoleToken, body: {} };
    await expect('an empty object', name, [method, path, nothing], 422, 'VALIDATION_ERROR');
    const text = { headers: { 'content-type': 'text/plain' }, body: {} };
    await expect('a body of text', name, [method, path, text], 415, 'UNSUPPORTED_MEDIA_TYPE');
    const large = { body: { text: 'x'.repeat(2_000_000) } };
    await expect('a body of 2 MB', name, [method, path, large], 413, 'PAYLOAD_TOO_LARGE');
    const steer = { body: { by: 'test', why: 'test', for_s: 1 } };
    const steering = '/breakers/nobody/isolate';
    const refused = 'AUTHENTICATION_REQUIRED';
    await expect('steering without a token', name, ['POST', steering, steer], 401, refused);
    const allowed = { ...steer, ...control };
    const missing = 'BREAKER_NOT_FOUND';
    await expect('steering what is not there', name, ['POST', steering, allowed], 404, missing);
    await witness.step('no HTTP at all', async () => {
      assert.equal((await witness.raw(name, 'hello\r\n\r\n')).body !== undefined, true);
    });
    await witness.step('headers of 20 KB', async () => {
      const bytes = head('GET / HTTP/1.1', host, `X-Big: ${'x'.repeat(20_000)}`);
      assert.equal((await witness.raw(name, bytes)).status, 431);
    });
    await witness.step('leaving in mid-upload', async () => {
      const json = 'Content-Type: application/json';
      const request = head(`${method} ${path} HTTP/1.1`, host, json, 'Content-Length: 99');
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
  'a NUL byte': '{"a":"\0"}',
  'an escaped NUL': '{"a":"\\u0000"}',
  'nesting 100 deep': `${'['.repeat(100)}${']'.repeat(100)}`,
  'nesting 100,000 deep': '['.repeat(100_000),
  'a list': '[]',
  'a number': '1e999',
  'keys of the prototype': '{"__proto__":{"admin":true},"constructor":1}',
};

test('bodies that no operation takes, at every operation that takes one', async () => {
  for (const name of names) {
    const { url } = fleet.service(name);
    const { paths } = (await fleet.ask(name)('GET', '/openapi.json')).body;
    for (const [template, methods] of Object.entries<Record<string, object>>(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (!('requestBody' in operation)) continue;
        const path = template.replaceAll(/\{\w+\}/g, 'x');
        for (const [what, body] of Object.entries(BAD_BODIES)) {
          await witness.step(`a body that is ${what}`, async () => {
            const request = head(
              `${method.toUpperCase()} ${path} HTTP/1.1`,
              `Host: ${new URL(url).host}`,
              `Authorization: ${authorization}`,
              `X-Console-Token: ${TOKEN}`,
              'Idempotency-Key: k',
              'Content-Type: application/json',
              `Content-Length: ${Buffer.byteLength(body)}`,
              'Connection: close',
            );
            const bytes = Buffer.concat([Buffer.from(request), Buffer.from(body)]);
            const { status } = await witness.raw(name, bytes);
            assert.equal(status, 422, `${name} ${method} ${path}: ${what}`);
          });
        }
      }
    }
    assert.equal((await fleet.ask(name)('GET', '/healthz')).status, 200);
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
  for (const name of names) {
    const { url } = fleet.service(name);
    const [method, path] = takesBody.get(name) ?? [];
    if (path === undefined) continue;
    const bytes = head(
      `${method} ${path} HTTP/1.1`,
      `Host: ${new URL(url).host}`,
      'Content-Type: application/json',
      'Content-Length: 99',
    );
    await witness.step(`${IN_FLIGHT} requests whose bodies do not end`, async () => {
      const sockets = await Promise.all(
        Array.from({ length: IN_FLIGHT }, () => openRaw(url, `${bytes}{`)),
      );
      await eventually(async () => {
        const { status, body } = await witness.ask(name, 'GET', '/errors');
        assert.deepEqual([status, body.error_code ?? body.error?.type], [503, 'OVERLOADED']);
      });
      for (const socket of sockets) socket.destroy();
      await eventually(async () => {
        assert.equal((await fleet.ask(name)('GET', '/errors')).status, 200, 'recovers by itself');
      });
    });
  }
});

test('catalog', async () => {
  const reserve = (orderId: string, item: string, quantity = 1, attempt = 1) =>
    ({ body: { order_id: orderId, item_id: item, quantity, attempt } }) as const;
  const [get, post, path] = ['GET', 'POST', '/reservations'];
  const step = (text: string, request: [string, string, object?], status: number, code: string) =>
    expect(text, 'catalog', request, status, code);
  await step('GET /items?limit=1000', [get, '/items?limit=1000'], 400, 'LIMIT_TOO_LARGE');
  await step('an item nobody has', [get, '/items/none'], 404, 'ITEM_NOT_FOUND');
  const missing = 'RESERVATION_NOT_FOUND';
  await step('an order that reserved nothing', [get, `${path}/none`], 404, missing);
  const many = reserve('r-1', 'item2', 100);
  await step('100 swords, where there are 2', [post, path, many], 409, 'INSUFFICIENT_STOCK');
  await fleet.ask('catalog')(post, path, reserve('r-2', 'item1', 1));
  const other = reserve('r-2', 'item1', 2);
  await step('a second reservation of more', [post, path, other], 409, 'RESERVATION_MISMATCH');
  await fleet.ask('catalog')('DELETE', `${path}/r-3?attempt=1`);
  const late = reserve('r-3', 'item1');
  await step('a reservation after its release', [post, path, late], 409, 'RESERVATION_ABANDONED');
});

test('users, and users through the gateway', async () => {
  const user = (email: string) => ({ body: { email, name: 'Ann' } });
  const made = await fleet.ask('users')('POST', '/users', user('ann@example.org'));
  const [path, id] = ['/users', made.body.id];
  for (const [service, taken] of [
    ['users', 400],
    ['gateway', 409],
  ] as const) {
    const twice = user('Ann@example.org');
    const exists = 'EMAIL_ALREADY_EXISTS';
    await expect('an address that is taken', service, ['POST', path, twice], taken, exists);
    const bad = user('ann');
    await expect('no address', service, ['POST', path, bad], 400, 'INVALID_EMAIL_FORMAT');
    await expect('a user nobody is', service, ['GET', `${path}/none`], 404, 'USER_NOT_FOUND');
  }
  await fleet.ask('orders')('POST', '/orders', order('item1', id));
  const has = 'USER_HAS_ORDERS';
  await expect('deleting who has orders', 'users', ['DELETE', `${path}/${id}`], 409, has);
  const data = '/secure_data';
  const refused = 'AUTHENTICATION_REQUIRED';
  await expect('secure data without a token', 'gateway', ['GET', data], 401, refused);
});

test('orders, payments and the provider: what the business refuses', async () => {
  const [get, post] = ['GET', 'POST'];
  for (const service of ['gateway', 'orders']) {
    await expect('an order nobody made', service, [get, '/orders/none'], 404, 'ORDER_NOT_FOUND');
    const none = order('none');
    await expect('an order of nothing', service, [post, '/orders', none], 404, 'ITEM_NOT_FOUND');
    const many = order('item2', 'user-1', 100);
    const short = 'INSUFFICIENT_STOCK';
    await expect('an order of 100 swords', service, [post, '/orders', many], 409, short);
    const cursed = order('item3');
    const declined = 'PAYMENT_DECLINED';
    await expect('a card that is declined', service, [post, '/orders', cursed], 409, declined);
    const headers = { 'idempotency-key': `key-of-${service}` };
    await fleet.ask(service)(post, '/orders', { ...order('item1'), headers });
    const again = { ...order('item1', 'user-1', 2), headers };
    const reused = 'IDEMPOTENCY_KEY_REUSED';
    await expect('a key for something else', service, [post, '/orders', again], 409, reused);
  }
  for (const service of ['gateway', 'catalog']) {
    await expect('an item of nothing', service, [get, '/items/none'], 404, 'ITEM_NOT_FOUND');
  }
  for (const [service, path] of [
    ['gateway', '/items'],
    ['orders', '/orders'],
  ] as const) {
    await expect('limit=1000', service, [get, `${path}?limit=1000`], 400, 'LIMIT_TOO_LARGE');
  }
  const pay = (cents: number) =>
    ({ body: { order_id: 'p-1', amount_cents: cents, currency: 'EUR' } }) as const;
  await fleet.ask('payments')(post, '/payments', pay(500));
  const more = pay(600);
  const mismatch = 'PAYMENT_MISMATCH';
  await expect('paying another amount', 'payments', [post, '/payments', more], 409, mismatch);
  const gone = 'PAYMENT_NOT_FOUND';
  await expect('a payment nobody made', 'payments', [get, '/payments/none'], 404, gone);

  const charge = { body: { amount_cents: 500, currency: 'EUR', reference: 'ref-1' } };
  const missing = 'IDEMPOTENCY_KEY_MISSING';
  await expect('a charge without a key', 'unstable', [post, '/charges', charge], 400, missing);
  const headers = { 'idempotency-key': 'charge-1' };
  await fleet.ask('unstable')(post, '/charges', { ...charge, headers });
  const changed = { body: { ...charge.body, amount_cents: 600 }, headers };
  const reused = 'IDEMPOTENCY_KEY_REUSED';
  await expect('another charge by its key', 'unstable', [post, '/charges', changed], 409, reused);
  const noCharge = 'CHARGE_NOT_FOUND';
  await expect('a charge nobody made', 'unstable', [get, '/charges/none'], 404, noCharge);
  const noFault = 'FAULT_NOT_FOUND';
  await expect('a fault nobody set', 'unstable', ['DELETE', '/faults/none', control], 404, noFault);
  const renewal = { ...control, body: { for_s: 60 } };
  await expect('its lease', 'unstable', ['PUT', '/faults/none', renewal], 404, noFault);
  await witness.step('a service that fails in half of all calls', async () => {
    await eventually(async () => {
      assert.equal((await witness.ask('unstable', get, '/unstable')).status, 503);
    });
  });
  for (const status of [429, 500, 502, 503, 504]) {
    await fault({ route: 'POST /deliveries', kind: 'status', status });
    const message = { body: { to: 'a', subject: 'b', body: 'c' } };
    const code = `INJECTED_FAULT_${status}`;
    await expect(
      `PUT /faults of ${status}`,
      'unstable',
      [post, '/deliveries', message],
      status,
      code,
    );
    await noFaults();
  }
});

test('console: who is let in, and what is not there', async () => {
  const { url } = fleet.service('console');
  const { host } = new URL(url);
  const answered = async (status: number, ...lines: string[]) => {
    const bytes = head('GET / HTTP/1.1', ...lines, 'Connection: close');
    assert.equal((await witness.raw('console', bytes)).status, status);
  };
  await witness.step('another host', () => answered(403, 'Host: evil.example'));
  await witness.step('a page of another origin', () =>
    answered(403, `Host: ${host}`, 'Origin: http://evil.example'),
  );
  const headers = consoleToken;
  const step = (
    text: string,
    path: string,
    body: object | undefined,
    status: number,
    code: string,
  ) => {
    const request = body ? ['POST', path, { headers, body }] : ['GET', path];
    return expect(text, 'console', request as [string, string, object?], status, code);
  };
  const steer = { address: 'nobody:1', breaker: 'catalog', by: 'test', why: 'test', for_s: 1 };
  const sources = '/api/sources/trace?about=';
  await step('a process nobody is', '/circuits/isolate', steer, 404, 'PROCESS_NOT_FOUND');
  await step(
    'a trace nobody made',
    `${sources}${'1'.repeat(32)}`,
    undefined,
    404,
    'TRACE_NOT_FOUND',
  );
  await step('no trace id', `${sources}x`, undefined, 400, 'INVALID_REQUEST');
  const run = { name: 'attack' };
  await step('no command for it', '/experiments', run, 409, 'EXPERIMENTS_UNAVAILABLE');
  await step('stopping nothing', '/experiments/stop', {}, 409, 'NO_EXPERIMENT_RUNNING');
  await fleet.service('console').stop();
  const command = `node ${fileURLToPath(new URL('pretended-experiments.ts', import.meta.url))}`;
  await fleet.restart('console', { EXPERIMENTS_COMMAND: command });
  const none = { name: 'none' };
  await step('an experiment nobody wrote', '/experiments', none, 404, 'EXPERIMENT_NOT_FOUND');
  assert.equal(
    (await fleet.ask('console')('POST', '/experiments', { headers, body: run })).status,
    202,
  );
  await step('a second at once', '/experiments', run, 409, 'EXPERIMENT_RUNNING');
});

/** Statuses and codes that a step may be answered with, where timing decides which. */
async function oneOf(
  step: string,
  service: string,
  request: Parameters<typeof expect>[2],
  codes: string[],
): Promise<void> {
  await witness.step(step, async () => {
    await eventually(async () => {
      const { body } = await witness.ask(service, ...request);
      assert.ok(codes.includes(body?.error_code ?? body?.error?.type), JSON.stringify(body));
    });
  });
}

test('a provider that fails: what is known of the money decides', async () => {
  const place = () => ['POST', '/orders', order('item1')] as [string, string, object];
  const pay = (id: string) =>
    ['POST', '/payments', { body: { order_id: id, amount_cents: 500, currency: 'EUR' } }] as [
      string,
      string,
      object,
    ];

  await fault({ route: 'POST /charges', kind: 'status', status: 503 });
  await oneOf('a provider that is down', 'payments', pay('f-1'), ['PROVIDER_UNAVAILABLE']);
  await noFaults();
  await closedCircuits();
  await fault({ route: 'POST /charges', kind: 'status', status: 500 });
  await oneOf('a provider with a bug', 'payments', pay('f-2'), ['PROVIDER_ERROR']);
  await oneOf('a provider with a bug', 'gateway', place(), ['BAD_GATEWAY']);
  await noFaults();
  await closedCircuits();
  await fault({ route: 'POST /charges', kind: 'hang' });
  await oneOf('a provider that hangs', 'payments', pay('f-3'), ['PAYMENT_OUTCOME_UNKNOWN']);
  await oneOf('a provider that hangs', 'orders', place(), ['PAYMENT_PENDING']);
  await oneOf('a provider that hangs', 'gateway', place(), ['DEPENDENCY_TIMEOUT']);
  await noFaults();
  await closedCircuits();

  await fault({ route: 'POST /charges', kind: 'latency', latency_ms: 700 });
  for (const service of ['orders', 'gateway']) {
    const headers = { 'idempotency-key': `twins-${service}` };
    await witness.step('the same order twice at once', async () => {
      const answers = await Promise.all(
        [1, 2].map(() => witness.ask(service, 'POST', '/orders', { ...order('item1'), headers })),
      );
      const codes = answers.map(({ body }) => body.error_code);
      assert.ok(codes.includes('ORDER_IN_PROGRESS'), JSON.stringify(codes));
    });
  }
  await noFaults();
});

/** Freezes a service and lets it go on afterwards: its socket takes requests, nobody answers. */
async function whileFrozen(name: string, work: () => Promise<void>): Promise<void> {
  const { pid } = fleet.service(name);
  process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** A call of each service to a peer, by caller and peer. */
const CALLS: [caller: string, peer: string, request: () => [string, string, object?]][] = [
  ['gateway', 'catalog', () => ['GET', '/items/item1']],
  ['gateway', 'users', () => ['GET', '/users/none']],
  ['gateway', 'orders', () => ['GET', '/orders/none']],
  ['orders', 'catalog', () => ['POST', '/orders', order('item1')]],
  ['users', 'orders', () => ['DELETE', `/users/${buyer}`]],
];

test('peers that are gone, frozen, too slow for so many, or cut off', async () => {
  for (const [caller, peer, request] of CALLS) {
    await closedCircuits();
    await witness.step(`${peer} is frozen`, async () => {
      await whileFrozen(peer, async () => {
        const { status, body } = await witness.ask(caller, ...request());
        assert.equal(status, 504, JSON.stringify(body));
      });
    });
    await witness.step(`${peer} is cut off by hand`, async () => {
      const steer = (action: string, more: object = {}) =>
        fleet.ask(caller)('POST', `/breakers/${peer}/${action}`, {
          ...control,
          body: { by: 'test', why: 'to see it', ...more },
        });
      assert.equal((await steer('isolate', { for_s: 60 })).status, 200);
      const { status, body } = await witness.ask(caller, ...request());
      const code = body.error_code ?? body.error?.type;
      assert.deepEqual([status, code], [503, 'CIRCUIT_ISOLATED']);
      assert.equal((await steer('release')).status, 200);
      await eventually(async () => {
        const answer = await fleet.ask(caller)(...request());
        assert.ok(answer.status < 500, JSON.stringify(answer.body));
      });
    });
    await witness.step('releasing what is not cut off', async () => {
      const answer = await witness.ask(caller, 'POST', `/breakers/${peer}/release`, {
        ...control,
        body: { by: 'test', why: 'by mistake' },
      });
      assert.equal(answer.status, 409);
    });
  }
});

test('a peer that is killed: refused at first, then by the circuit', async () => {
  for (const [caller, peer, request] of [
    ['gateway', 'catalog', ['GET', '/items/item1']],
    ['orders', 'catalog', ['POST', '/orders', order('item1')]],
  ] as [string, string, [string, string, object?]][]) {
    await closedCircuits();
    await witness.step(`${peer} is killed`, async () => {
      await fleet.service(peer).stop('SIGKILL');
      const codes = new Set<string>();
      await eventually(async () => {
        const { status, body } = await witness.ask(caller, ...request);
        assert.equal(status, 503);
        codes.add(body.error_code);
        assert.deepEqual([...codes].sort(), ['CIRCUIT_OPEN', 'DEPENDENCY_UNAVAILABLE']);
      });
      await fleet.restart(peer);
      await eventually(async () => {
        const answer = await fleet.ask(caller)(...request);
        assert.ok(answer.status < 300, 'recovers by itself');
      });
    });
  }
});

test('more calls to a frozen peer than its bulkhead takes', async () => {
  const calls: [caller: string, peer: string, request: () => [string, string, object?]][] = [
    ['gateway', 'catalog', () => ['GET', '/items/item1']],
    ['orders', 'catalog', () => ['POST', '/orders', order('item1')]],
    ['users', 'orders', () => ['DELETE', `/users/${buyer}`]],
  ];
  for (const [caller, peer, request] of calls) {
    await closedCircuits();
    await witness.step(`115 calls to ${peer} at once, and it is frozen`, async () => {
      await whileFrozen(peer, async () => {
        const answers = await Promise.all(
          Array.from({ length: 115 }, () => witness.ask(caller, ...request())),
        );
        const codes = new Set(answers.map(({ body }) => body.error_code ?? body.error?.type));
        assert.ok(codes.has('BULKHEAD_FULL'), [...codes].join());
      });
    });
  }
});

test('more requests a minute than the gateway takes from one address', async () => {
  await witness.step('the sixth request, where five a minute are allowed', async () => {
    await fleet.service('gateway').stop();
    await fleet.restart('gateway', { RATE_LIMIT_PER_MINUTE: '5' });
    for (let i = 0; i < 5; i++) await fleet.ask('gateway')('GET', '/items/item1');
    const { status, body } = await witness.ask('gateway', 'GET', '/items/item1');
    assert.deepEqual([status, body.error_code], [429, 'RATE_LIMITED']);
  });
  await fleet.service('gateway').stop();
  await fleet.restart('gateway');
});

/** Every operation that cannot do without the database of its service, or of a peer's. */
const NEED_DATABASE: [service: string, method: string, path: string, options?: object][] = [
  ['catalog', 'GET', '/items'],
  ['catalog', 'GET', '/items/item1'],
  ['catalog', 'GET', '/reservations/r-2'],
  ['catalog', 'DELETE', '/reservations/r-2?attempt=9'],
  [
    'catalog',
    'POST',
    '/reservations',
    { body: { order_id: 'd-1', item_id: 'item1', quantity: 1, attempt: 1 } },
  ],
  ['orders', 'GET', '/orders'],
  ['orders', 'GET', '/orders/none'],
  ['orders', 'POST', '/orders', order('item1')],
  ['payments', 'GET', '/payments/none'],
  [
    'payments',
    'POST',
    '/payments',
    { body: { order_id: 'd-1', amount_cents: 5, currency: 'EUR' } },
  ],
  ['unstable', 'GET', '/charges?reference=x'],
  ['unstable', 'GET', '/charges/none'],
  ['users', 'GET', '/users/none'],
  ['users', 'POST', '/users', { body: { email: 'down@example.org', name: 'D' } }],
  ['users', 'PATCH', '/users/none', { body: { name: 'D' } }],
  ['users', 'DELETE', '/users/none'],
  ['gateway', 'GET', '/items/item1'],
  ['gateway', 'GET', '/orders/none'],
  ['gateway', 'GET', '/users/none'],
  ['gateway', 'POST', '/orders', order('item1')],
  ['gateway', 'POST', '/users', { body: { email: 'down@example.org', name: 'D' } }],
];

test('PostgreSQL stops: 503 with Retry-After in under 2 s, and recovers by itself', async () => {
  await closedCircuits();
  await fleet.postgres.stop();
  await witness.step('PostgreSQL is stopped', async () => {
    for (const [service, method, path, options] of NEED_DATABASE) {
      const began = performance.now();
      const { status, headers, body } = await witness.ask(service, method, path, options);
      const what = `${service} ${method} ${path}: ${JSON.stringify(body)}`;
      assert.equal(status, 503, what);
      assert.ok(headers.get('retry-after'), what);
      assert.ok(performance.now() - began < 2_000, `${what} took too long`);
      assert.equal((await fleet.ask(service)('GET', '/healthz')).status, 200, 'still alive');
    }
  });
  await fleet.postgres.start();
  for (const [service, method, path, options] of NEED_DATABASE) {
    await eventually(async () => {
      const { status, body } = await fleet.ask(service)(method, path, options);
      assert.ok(status < 500, `${service} ${method} ${path}: ${JSON.stringify(body)}`);
    });
  }
});

/** Runs statements in the database of a service. */
async function sql(service: string, statement: string): Promise<void> {
  const url = new URL(`/${service}`, fleet.postgres.url).href;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

test('a table that is gone, and data that nobody expects', async () => {
  await closedCircuits();
  const tables: [service: string, table: string, method: string, path: string][] = [
    ['catalog', 'items', 'GET', '/items/item1'],
    ['orders', 'orders', 'GET', '/orders/none'],
    ['payments', 'payments', 'GET', '/payments/none'],
    ['unstable', 'charges', 'GET', '/charges/none'],
    ['users', 'users', 'GET', '/users/none'],
  ];
  for (const [service, table, method, path] of tables) {
    await sql(service, `ALTER TABLE ${table} RENAME TO ${table}_gone`);
    await expect('a table that is gone', service, [method, path], 500, 'DATABASE_ERROR');
    if (service !== 'payments' && service !== 'unstable') {
      await expect('a table that is gone', 'gateway', [method, path], 502, 'BAD_GATEWAY');
    }
    await sql(service, `ALTER TABLE ${table}_gone RENAME TO ${table}`);
  }
  const { body: user } = await fleet.ask('users')('POST', '/users', {
    body: { email: 'bug@example.org', name: 'Bug' },
  });
  const { body: bought } = await fleet.ask('orders')('POST', '/orders', order('item1'));
  const spoilt: [service: string, table: string, path: string][] = [
    ['users', 'users', `/users/${user.id}`],
    ['orders', 'orders', `/orders/${bought.id}`],
  ];
  for (const [service, table, path] of spoilt) {
    await sql(
      service,
      `ALTER TABLE ${table} ALTER created_at DROP DEFAULT, ALTER created_at TYPE text USING 'no date'`,
    );
    await expect('a date that is none', service, ['GET', path], 500, 'INTERNAL_ERROR');
  }
});

test('docs/errors.md says what the services say', async () => {
  const [written, current] = [await readFile(ERRORS_PAGE, 'utf8'), await currentErrorsPage(fleet)];
  assert.equal(written, current, 'docs/errors.md is out of date: npm run errors:build');
});

test('every code was reached, nothing undeclared was answered, each failure has one line', async () => {
  const checked = await witness.checkLines();
  const answerable = new Map<string, string[]>();
  for (const name of names) {
    const { body } = await fleet.ask(name)('GET', '/errors');
    const entries: { code: string; undeclared_by?: string[] }[] = body.errors;
    assert.deepEqual(
      entries.filter((entry) => entry.undeclared_by),
      [],
      `${name} answers what it does not declare`,
    );
    answerable.set(
      name,
      entries.map(({ code }) => code),
    );
  }
  assert.deepEqual(witness.undeclared(), []);
  const codes = [...new Set([...answerable.values()].flat())].sort();
  const missing: string[] = [];
  for (const code of codes) {
    const ways = names.flatMap((name) => {
      const step = witness.reached.get(name)?.get(code);
      return step === undefined ? [] : [`${name}: ${step}`];
    });
    if (ways.length === 0) missing.push(code);
    console.log(`${code.padEnd(26)} ${ways.join(' | ')}`);
  }
  for (const [name, own] of answerable) {
    const rest = own.filter((code) => !witness.reached.get(name)?.has(code));
    if (rest.length > 0) console.log(`not reached at ${name}: ${rest.join(' ')}`);
  }
  console.log(`${checked} failed answers, each with its one line`);
  assert.deepEqual(missing, [], 'no service was brought to answer these');
});
