import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackendError } from './backend-error.ts';
import type { AnsweredRequest, Exemplar } from './model.ts';
import { readAnswers } from './read-answers.ts';
import type { AnswerQuery, Findings, LiveSources } from './sources.ts';

const range = { fromMs: 0, toMs: 100_000 };
const query: AnswerQuery = { range, limit: 10, failedOnly: true };

function answer(i: number, more: Partial<AnsweredRequest> = {}): AnsweredRequest {
  return {
    ...{ timeMs: i, traceId: `trace-${i}`, spanId: undefined, requestId: `r${i}` },
    ...{ service: 'gateway', method: 'POST', route: '/orders', status: 503, durationMs: 1 },
    ...{ errorCode: 'OVERLOADED', message: 'too many', ...more },
  };
}

/** Sources whose lines are these, newest first, as a backend gives them. */
function sourcesOf(
  answers: readonly AnsweredRequest[] | Error,
  exemplars: readonly Exemplar[] = [],
  incomplete?: string,
) {
  const asked: AnswerQuery[] = [];
  const sources = {
    metrics: {
      exemplars: async (metric: string): Promise<Findings<Exemplar>> => ({
        found: exemplars.filter((each) => each.metric === metric),
      }),
    },
    answers: async (wanted: AnswerQuery): Promise<Findings<AnsweredRequest>> => {
      asked.push(wanted);
      if (answers instanceof Error) throw answers;
      const found = answers
        .filter(({ traceId }) => !wanted.exceptTraceIds?.includes(traceId))
        .toSorted((a, b) => b.timeMs - a.timeMs)
        .slice(0, wanted.limit);
      return incomplete === undefined ? { found } : { found, incomplete };
    },
  } as unknown as LiveSources;
  return { sources, asked };
}

test('a trace that fills whole readings takes three places, and the others are found', async () => {
  const crowd = Array.from({ length: 1_000 }, (_, i) =>
    answer(50_000 + i, { traceId: 'crowd', durationMs: 0.1 }),
  );
  const others = Array.from({ length: 20 }, (_, i) => answer(i));
  const { sources, asked } = sourcesOf([...crowd, ...others]);
  const { answers, more } = await readAnswers(sources, query);
  assert.deepEqual(
    answers.map(({ traceId }) => traceId),
    [...Array(3).fill('crowd'), ...[19, 18, 17, 16, 15, 14, 13].map((i) => `trace-${i}`)],
  );
  assert.deepEqual([...more], [['crowd', 97]]);
  assert.deepEqual(
    asked.map(({ exceptTraceIds }) => exceptTraceIds),
    [[], ['crowd']],
  );
});

test('however many traces crowd, there are four readings at most', async () => {
  const crowds = Array.from({ length: 3_000 }, (_, i) =>
    answer(i, { traceId: `crowd-${Math.floor(i / 50)}`, durationMs: 0.1 }),
  );
  const { sources, asked } = sourcesOf(crowds);
  const { answers } = await readAnswers(sources, query);
  assert.equal(asked.length, 4);
  assert.equal(answers.length, 10);
});

const refused = new BackendError('Loki', 'http://127.0.0.1:3100', 'does not respond');
const exemplar = (metric: string, labels: Record<string, string>): Exemplar => ({
  ...{ metric, traceId: 'trace-1', timeMs: 5 },
  labels: { service_name: 'gateway', http_route: '/orders', ...labels },
});
const exemplars = [
  exemplar('service_errors_total', { error_code: 'OVERLOADED' }),
  exemplar('http_server_request_duration_seconds_bucket', {
    http_response_status_code: '503',
    http_request_method: 'POST',
  }),
];

test('without lines failures are those that metrics name, and what only lines say is left open', async () => {
  const { sources } = sourcesOf(refused, exemplars);
  const { answers, lines, metrics } = await readAnswers(sources, query);
  assert.deepEqual(answers, [
    {
      ...{ timeMs: 5, traceId: 'trace-1', service: 'gateway', saidBy: 'metric' },
      ...{ route: '/orders', errorCode: 'OVERLOADED', method: 'POST', status: 503 },
    },
  ]);
  assert.equal(lines.state, 'failed');
  assert.equal(metrics?.state, 'found');
});

test('lines that are not all are completed by metrics, each failure once', async () => {
  const { sources } = sourcesOf([answer(1)], exemplars, 'The older ones have gone.');
  const { answers } = await readAnswers(sources, query);
  assert.deepEqual(
    answers.map(({ saidBy }) => saidBy),
    ['line'],
  );
});

test('no metric knows a request id or a success, so none is asked', async () => {
  const { sources } = sourcesOf(refused, exemplars);
  for (const wanted of [
    { ...query, requestId: 'r1' },
    { range, limit: 10 },
  ]) {
    const { answers, lines, metrics } = await readAnswers(sources, wanted);
    assert.deepEqual([answers, lines.state, metrics], [[], 'failed', undefined]);
  }
});
