import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from './answers.ts';
import type { Probe } from './experiment.ts';
import { judge, measure } from './measure.ts';
import {
  answered,
  answeredBy,
  chargesPerOrder,
  closed,
  grows,
  opens,
  staysFast,
} from './probes.ts';
import type { Watch } from './watch.ts';

const answer = (atMs: number, rest: Partial<Answer> = {}): Answer => ({
  journey: 'order',
  status: 201,
  code: '',
  traceId: 'a',
  ms: 10,
  atMs,
  expected: true,
  ...rest,
});
const refused = { status: 503, code: 'CIRCUIT_OPEN', expected: false };

interface Seen {
  readonly answers?: readonly Answer[];
  readonly breakers?: Record<string, string>;
  readonly transitions?: Watch['transitions'];
  /** By metric, at seconds 0, 1, 2, …. */
  readonly readings?: Record<string, readonly number[]>;
}

function evidence({ answers = [], breakers = {}, transitions = [], readings = {} }: Seen) {
  const watch = {
    breakers,
    transitions,
    alerts: new Map(),
    readings: ({ service }: { service: string }) =>
      (readings[service] ?? []).map((value, i) => ({ atMs: i * 1000, value })),
  } as unknown as Watch;
  const baseline = { fromMs: 0, toMs: 1_000 };
  return { answers, watch, baseline, span: { fromMs: 1_000, toMs: 4_000 } };
}

const value = (probe: Probe, seen: Seen) => measure(probe, evidence(seen));

test('shares are of the journey and the span only', () => {
  const answers = [
    answer(500, refused),
    answer(1_500),
    answer(2_500, refused),
    answer(2_600, { journey: 'browse' }),
    answer(4_000, refused),
  ];
  assert.equal(value(answered('', 'order', [0, 1]), { answers }), 0.5);
  assert.equal(value(answeredBy('', 'order', ['503 CIRCUIT_OPEN'], [0, 1], 1), { answers }), 1);
});

test('a statement about nothing does not hold', () => {
  const statement = judge(answered('orders', 'order', [0, 1]), 'injection', evidence({}));
  assert.equal(statement.held, false);
  assert.equal(statement.observed, 'nothing was measured');
});

test('latency is judged against the baseline of the run, and a floor', () => {
  const probe = staysFast('', 'order', 2);
  assert.equal(
    value(probe, { answers: [answer(10, { ms: 10 }), answer(1_500, { ms: 150 })] }),
    1.5,
  );
  assert.equal(
    value(probe, { answers: [answer(10, { ms: 300 }), answer(1_500, { ms: 150 })] }),
    0.5,
  );
});

test('a circuit opens so many seconds after the fault, or never', () => {
  const at = (atMs: number, state = 'open') => ({ breaker: 'payments/provider', state, atMs });
  const probe = opens('payments', 'provider', 5);
  assert.equal(value(probe, { transitions: [at(900), at(2_500), at(3_000)] }), 1.5);
  assert.equal(value(probe, { transitions: [at(900), at(1_500, 'closed')] }), Infinity);
  assert.equal(judge(probe, 'injection', evidence({})).held, false);
});

test('a circuit that is not there refuses nobody', () => {
  const probe = closed('payments', 'provider');
  assert.equal(value(probe, {}), 1);
  assert.equal(value(probe, { breakers: { 'payments/provider': 'half_open' } }), 0);
});

test('a counter grows from its last value before the fault, also over a restart', () => {
  const probe = grows('', 'orders', 'retries_total', {}, 1);
  assert.equal(value(probe, { readings: { orders: [5, 7, 2, 4, 50] } }), 2 + 2 + 2);
  const ratio = chargesPerOrder('', [0, 1]);
  assert.equal(value(ratio, { readings: { unstable: [0, 1, 6, 9], orders: [0, 2, 4, 6] } }), 1.5);
});
