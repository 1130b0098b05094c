/**
 * What consumers say they need, of providers that run: every field that one reads is in what the
 * provider really sends, and every code that one tells apart is one that the provider has.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Fleet, startFleet } from '../error-contract/fleet.ts';
import { type GrpcGolden, type RestGolden, valuesAt } from './golden.ts';
import { recordGrpc } from './golden-grpc.ts';
import { buf } from './proto.ts';
import { playScenario } from './scenario.ts';
import { type Fields, readStatements } from './statements.ts';

let fleet: Fleet;
let played: Readonly<Record<string, readonly RestGolden[]>>;
let called: readonly GrpcGolden[];
const folder = mkdtempSync(join(tmpdir(), 'consumers-'));
before(async () => {
  fleet = await startFleet();
  played = await playScenario(fleet);
  const image = join(folder, 'today.binpb');
  await buf(['build', '-o', image]);
  called = await recordGrpc(fleet, image);
});
after(async () => {
  await fleet?.stop();
  rmSync(folder, { recursive: true });
});

for (const { consumer, provider, operations, rpcs } of readStatements()) {
  describe(`${provider} gives ${consumer} what it needs`, () => {
    for (const [name, need] of Object.entries(operations)) {
      test(name, () => {
        const exchanges = played[provider]?.filter(({ operation }) => operation === name) ?? [];
        assert.ok(exchanges.length > 0, `${name} was not asked`);
        for (const { request, response } of exchanges) {
          checkFields(need.sends, request.body, `${consumer} sends`);
          checkFields(need.reads, response.body, `${consumer} reads`);
        }
      });
    }

    for (const [name, need] of Object.entries(rpcs)) {
      test(name, () => {
        const call = called.find(({ rpc }) => rpc === name);
        assert.ok(call, `${name} was not called`);
        checkFields(need.sends, call.request.json, `${consumer} sends`);
        checkFields(need.reads, call.response.json, `${consumer} reads`);
      });
    }

    test('the codes that it tells apart', async () => {
      const { body } = await fleet.operate(provider)('GET', '/errors');
      const offered = new Set(body.errors.map(({ code }: { code: string }) => code));
      const needed = Object.values({ ...operations, ...rpcs }).flatMap(({ codes }) => codes);
      assert.deepEqual(
        needed.filter((code) => !offered.has(code)),
        [],
        `${consumer} needs them of ${provider}`,
      );
    });
  });
}

test('payments counts who asks for which version: orders by its name, and others as such', async () => {
  const response = await fetch(`${fleet.service('payments').operationsUrl}/metrics`);
  const metrics = await response.text();
  for (const [version, consumer, more] of [
    ['v1', 'orders', false],
    ['v1', 'other', true],
    ['v2', 'orders', true],
    ['v2', 'other', true],
    ['v2', 'gateway', false],
  ] as const) {
    const labels = `contract="payments",version="${version}",consumer="${consumer}"`;
    const [, count] =
      new RegExp(`contract_requests_total\\{${labels}\\} (\\d+)`).exec(metrics) ?? [];
    assert.equal(Number(count) > 0, more, `${version} ${consumer}: ${count}`);
  }
});

function checkFields(fields: Fields, body: unknown, who: string): void {
  for (const [path, types] of Object.entries(fields)) {
    const values = valuesAt(body, path);
    assert.ok(values.length > 0, `${who} ${path}, which is not in ${JSON.stringify(body)}`);
    for (const value of values) {
      const fits =
        typeof types === 'string'
          ? types.split('|').some((type) => (IN_JSON[type] ?? type) === typeOf(value))
          : types.includes(String(value));
      assert.ok(fits, `${who} ${path} as ${types}, and it is ${JSON.stringify(value)}`);
    }
  }
}

/** What types of Protobuf are in JSON. */
const IN_JSON: Readonly<Record<string, string>> = {
  int32: 'integer',
  int64: 'string',
  'google.protobuf.Timestamp': 'string',
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
