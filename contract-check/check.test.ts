import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findComponent } from '../stack/src/find-component.ts';
import { check } from './check.ts';
import { type Contract, currentContract, type Release, readRelease } from './contract.ts';
import { type Edit, errors, type Loose, message, openapi, operation, proto } from './edits.ts';
import { ADVICE, type ContractKind } from './findings.ts';
import { RELEASED, releasedVersions } from './places.ts';

const PAYMENTS = 'breakwater/payments/v1/payments.proto';
const CATALOG = 'breakwater/catalog/v1/catalog.proto';
const PAY = 'POST /payments';

const folders: string[] = [];
let today: Contract;
let released: Release;
before(async () => {
  released = readRelease(join(RELEASED, String(releasedVersions().at(-1))));
  today = await currentContract();
});
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function findings(edit: Edit) {
  const edited = edit(today);
  if (edited.protoFolder) folders.push(edited.protoFolder);
  return check(released, edited);
}

const without = (schema: Loose, name: string) => {
  delete schema.properties[name];
  schema.required = schema.required.filter((each: string) => each !== name);
};
const withRequired = (schema: Loose, name: string) => {
  schema.properties[name] = { type: 'string' };
  schema.required.push(name);
};
const withoutCode = (code: string) => (parts: { operation: Loose }) => {
  const { operation: found } = parts;
  found['x-error-codes'] = found['x-error-codes'].filter((each: string) => each !== code);
};

/** What nobody may do: what is edited, which rules say so, where, and whom it would break. */
const REFUSED: [
  what: string,
  edit: Edit,
  kind: ContractKind,
  rule: string,
  pointer: RegExp,
  consumers?: string[],
][] = [
  // Protobuf. Since proto3 has no required fields, none can be added.
  [
    'a field of Protobuf is removed',
    proto(PAYMENTS, ['optional string charge_id = 3;', '']),
    'proto',
    'FIELD_NO_DELETE',
    /^L\d+$/,
  ],
  [
    'a field of Protobuf has another type',
    proto(PAYMENTS, ['int32 amount_cents = 2;', 'string amount_cents = 2;']),
    'proto',
    'FIELD_SAME_TYPE',
    /^L\d+$/,
  ],
  [
    'an enum of Protobuf lacks a value',
    proto(CATALOG, ['RESERVATION_STATUS_RELEASED = 2;', '']),
    'proto',
    'ENUM_VALUE_NO_DELETE',
    /^L\d+$/,
    ['orders'],
  ],
  [
    'a method of Protobuf has another name',
    proto(PAYMENTS, ['rpc TakePayment(', 'rpc Charge(']),
    'proto',
    'RPC_NO_DELETE',
    /^L\d+$/,
  ],
  [
    'a field of Protobuf has another number',
    proto(PAYMENTS, ['string currency = 3;', 'string currency = 4;']),
    'proto',
    'FIELD_NO_DELETE',
    /^L\d+$/,
  ],
  // OpenAPI.
  [
    'a field of a response is removed',
    operation('payments', PAY, ({ responses }) => {
      for (const schema of responses) without(schema, 'charge_id');
    }),
    'openapi',
    'response-required-property-removed',
    /^\/paths\/~1payments\/post$/,
  ],
  [
    'a field of a request is removed',
    operation('payments', PAY, ({ request }) => without(request, 'currency')),
    'openapi',
    'request-property-removed',
    /^\/paths\/~1payments\/post$/,
  ],
  [
    'a field of a request has another type',
    operation('payments', PAY, ({ request }) => {
      request.properties.amount_cents = { type: 'string' };
    }),
    'openapi',
    'request-property-type-changed',
    /^\/paths\/~1payments\/post$/,
  ],
  [
    'a request wants a new field',
    operation('payments', PAY, ({ request }) => withRequired(request, 'method')),
    'openapi',
    'new-required-request-property',
    /^\/paths\/~1payments\/post$/,
  ],
  [
    'an enum of a request lacks a value',
    operation('orders', 'GET /orders', ({ operation: { parameters } }) => {
      parameters.find((each: Loose) => each.name === 'status').schema.enum.shift();
    }),
    'openapi',
    'request-parameter-enum-value-removed',
    /^\/paths\/~1orders\/get$/,
  ],
  [
    'an enum of a response has another value',
    operation('catalog', 'POST /reservations', ({ responses }) => {
      for (const schema of responses) schema.properties.status.enum.push('lost');
    }),
    'openapi',
    'response-property-enum-value-added',
    /^\/paths\/~1reservations\/post$/,
    ['orders'],
  ],
  [
    'an operation has another path',
    openapi('payments', ({ paths }) => {
      paths['/pay'] = paths['/payments'];
      delete paths['/payments'];
    }),
    'openapi',
    'api-path-removed-without-deprecation',
    /^\/paths\/~1payments\/post$/,
  ],
  [
    'an operation does not respond with a code any more',
    operation('payments', PAY, withoutCode('PAYMENT_DECLINED')),
    'errors',
    'operation-code-removed',
    /x-error-codes$/,
  ],
  // JSON Schema.
  [
    'a field of a message is removed',
    message('orders-v1', 'response', 'order', (schema) => without(schema, 'total_cents')),
    'json-schema',
    'property-removed',
    /^\/response\/order$/,
  ],
  [
    'a field of a message has another type',
    message('orders-v1', 'request', 'orderRequest', (schema) => {
      schema.properties.quantity = { type: 'string' };
    }),
    'json-schema',
    'type-changed',
    /^\/request\/orderRequest\/properties\/quantity$/,
  ],
  [
    'a message wants a new field',
    message('users-v1', 'request', 'userRequest', (schema) => withRequired(schema, 'phone')),
    'json-schema',
    'required-added',
    /^\/request\/userRequest$/,
  ],
  [
    'an enum of a message lacks a value',
    message('orders-v1', 'request', 'orderQuery', ({ properties }) => properties.status.enum.pop()),
    'json-schema',
    'enum-value-removed',
    /^\/request\/orderQuery\/properties\/status$/,
  ],
  [
    'a message is gone',
    (contract) => {
      const edited = structuredClone(contract) as Loose;
      delete edited.schemas['payments-v1'].response.payment;
      return edited;
    },
    'json-schema',
    'message-removed',
    /^\/response\/payment$/,
  ],
  // Errors.
  [
    'a code is gone',
    errors((codes) => delete codes.PAYMENT_DECLINED),
    'errors',
    'code-removed',
    /^\/PAYMENT_DECLINED$/,
  ],
  [
    'a code has another status',
    errors((codes) => {
      codes.INSUFFICIENT_STOCK.problem = 410;
    }),
    'errors',
    'code-status-changed',
    /^\/INSUFFICIENT_STOCK\/problem$/,
  ],
  // What was really sent.
  [
    'a request of before is refused',
    operation('payments', PAY, ({ request }) => {
      request.properties.amount_cents.minimum = 501;
    }),
    'golden',
    'request-refused',
    /^\/0\/request$/,
  ],
  [
    'bytes of before say something else',
    proto(
      PAYMENTS,
      ['string order_id = 1;\n  PaymentStatus', 'string currency = 1;\n  PaymentStatus'],
      ['string currency = 5;\n  google', 'string order_id = 5;\n  google'],
    ),
    'golden',
    'response-unreadable',
    /^\/\d+\/response$/,
  ],
  [
    'a response of before cannot be read',
    operation('payments', PAY, ({ responses }) => {
      for (const schema of responses) withRequired(schema, 'receipt');
    }),
    'golden',
    'response-unreadable',
    /^\/0\/response$/,
  ],
];

const oasdiff = await findComponent('oasdiff');
/** As everything that is built by `npm run stack:install`, which a first `npm test` does without. */
const skip = 'reason' in oasdiff && !process.env.CI ? oasdiff.reason : false;

describe('a change that breaks somebody is refused', { skip }, () => {
  for (const [what, edit, kind, rule, pointer, consumers = []] of REFUSED) {
    test(what, async () => {
      const found = await findings(edit);
      const said = found.filter((each) => each.kind === kind && each.rule === rule);
      const all = JSON.stringify(found, null, 1);
      assert.ok(said.length > 0, all);
      assert.ok(
        said.every((each) => pointer.test(each.pointer) && each.message !== ''),
        all,
      );
      assert.ok(
        said.every(({ file }) => file.startsWith('services/shared/contracts/')),
        all,
      );
      assert.ok(
        said.every(({ advice }) => advice.endsWith('.')),
        all,
      );
      const broken = new Set(found.flatMap(({ consumer = [] }) => consumer));
      assert.deepEqual([...broken], consumers, all);
    });
  }
});

const property = { type: 'string' };

/** What everybody may do at any time. */
const ALLOWED: readonly (readonly [what: string, edit: Edit])[] = [
  ['nothing', (contract) => contract],
  [
    'a new field of Protobuf',
    proto(PAYMENTS, ['string currency = 3;', 'string currency = 3;\n  optional string note = 4;']),
  ],
  [
    'a new method of Protobuf',
    proto(PAYMENTS, [
      'rpc GetPayment(',
      '// Finds one.\n  rpc FindPayment(GetPaymentRequest) returns (GetPaymentResponse);\n  // Tells.\n  rpc GetPayment(',
    ]),
  ],
  [
    'a new value of an enum of Protobuf',
    proto(CATALOG, [
      'RESERVATION_STATUS_RELEASED = 2;',
      'RESERVATION_STATUS_RELEASED = 2;\n  RESERVATION_STATUS_EXPIRED = 3;',
    ]),
  ],
  ['another comment in Protobuf', proto(CATALOG, ['// ISO 4217.', '// As ISO 4217 has it.'])],
  [
    'a new optional field of a request',
    operation('payments', PAY, ({ request }) => {
      request.properties.note = property;
    }),
  ],
  [
    'a new field of a response',
    operation('payments', PAY, ({ responses }) => {
      for (const schema of responses) schema.properties.note = property;
    }),
  ],
  [
    'a new operation',
    openapi('payments', ({ paths }) => {
      paths['/refunds'] = structuredClone(paths['/payments']);
    }),
  ],
  [
    'a new optional parameter',
    operation('orders', 'GET /orders', ({ operation: { parameters } }) =>
      parameters.push({ name: 'sort', in: 'query', required: false, schema: property }),
    ),
  ],
  [
    'a new error code of an operation',
    operation('payments', PAY, ({ operation: found }) => {
      found['x-error-codes'].push('PAYMENT_LIMIT');
      for (const { schema } of Object.values<Loose>(found.responses['409'].content)) {
        schema.allOf[1].properties.error_code.enum.push('PAYMENT_LIMIT');
      }
    }),
  ],
  [
    'a wider bound of a request',
    operation('orders', 'POST /orders', ({ request }) => {
      request.properties.quantity.maximum = 1_000;
    }),
  ],
  [
    'a deprecated operation',
    operation('payments', PAY, ({ operation: found }) => {
      found.deprecated = true;
    }),
  ],
  [
    'a new optional field of a message that is sent',
    message('orders-v1', 'request', 'orderRequest', ({ properties }) => {
      properties.note = property;
    }),
  ],
  [
    'a new field of a message that is received',
    message('orders-v1', 'response', 'order', (schema) => withRequired(schema, 'note')),
  ],
  [
    'a required field of a message that is not any more',
    message('users-v1', 'request', 'userRequest', (schema) => {
      schema.required = ['email'];
    }),
  ],
  [
    'a new value that may be asked for',
    message('orders-v1', 'request', 'orderQuery', ({ properties }) =>
      properties.status.enum.push('archived'),
    ),
  ],
  [
    'a new message',
    (contract) => {
      const edited = structuredClone(contract) as Loose;
      edited.schemas['payments-v1'].request.refundRequest = { type: 'object' };
      return edited;
    },
  ],
  [
    'a new code',
    errors((codes) => {
      codes.PAYMENT_LIMIT = codes.PAYMENT_DECLINED;
    }),
  ],
];

describe('a change that breaks nobody passes', { skip }, () => {
  for (const [what, edit] of ALLOWED) {
    test(what, async () => assert.deepEqual(await findings(edit), []));
  }
});

test('what was released has a golden message of every operation', () => {
  for (const [service, document] of Object.entries(released.openapi)) {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const played = new Set(released.golden.rest[service]?.map((golden) => golden.operation));
    assert.deepEqual([...played].sort(), operations.sort(), service);
  }
});

test('the command says what is broken, to people and to programs', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'released-'));
  folders.push(folder);
  cpSync(released.folder, folder, { recursive: true });
  const file = join(folder, 'schemas/payments-v1.json');
  const promised = JSON.parse(readFileSync(file, 'utf8'));
  promised.response.payment.properties.receipt = { type: 'string' };
  writeFileSync(file, JSON.stringify(promised));
  const run = (...args: string[]) =>
    new Promise<{ code: number | null; stdout: string }>((resolve) => {
      const command = [join(import.meta.dirname, 'main.ts'), '--released', folder, ...args];
      const child = execFile(process.execPath, command, (_, stdout) =>
        resolve({ code: child.exitCode, stdout }),
      );
    });
  const [read, parsed] = await Promise.all([run(), run('--json')]);
  assert.deepEqual([read.code, parsed.code], [1, 1]);
  assert.match(
    read.stdout,
    /json-schema property-removed: "receipt" is gone\n {2}at \S+#\/response\/payment\n/,
  );
  assert.match(read.stdout, /1 change breaks what/);
  const { ok, findings: found } = JSON.parse(parsed.stdout);
  assert.equal(ok, false);
  assert.equal(found[0].advice, ADVICE.newVersion);
});
