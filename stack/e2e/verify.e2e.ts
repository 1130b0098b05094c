import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerifyReport } from '../src/verify/report.ts';
import { type Edits, TestStack } from './test-stack.ts';

async function verify(
  stack: TestStack,
  requests: number,
  settleS = 30,
): Promise<VerifyReport & { code: number | null }> {
  await stack.up();
  try {
    const run = await stack.command(
      'verify',
      '--json',
      ...['--requests', String(requests)],
      ...['--settle', String(settleS)],
    );
    assert.ok(run.stdout.startsWith('{'), run.stderr);
    return { ...(JSON.parse(run.stdout) as VerifyReport), code: run.code };
  } finally {
    await stack.down();
  }
}

const REQUESTS = Number(process.env.VERIFY_REQUESTS ?? 300);

for (const sampling of ['all', 'tail']) {
  test(`every failure is joined with TRACE_SAMPLING=${sampling}`, async () => {
    const report = await verify(new TestStack({}, { TRACE_SAMPLING: sampling }), REQUESTS);
    assert.deepEqual(report.gaps, {});
    assert.deepEqual(report.danglingExemplars, []);
    assert.ok(report.exemplars > 0);
    assert.ok(report.failing >= 0.4 * REQUESTS);
    assert.deepEqual(
      report.kinds.filter(({ unexpected }) => Object.keys(unexpected).length > 0),
      [],
    );
    assert.equal(report.joinRate, 1);
    assert.ok(report.passed);
    assert.equal(report.code, 0);
  });
}

interface Break {
  readonly name: string;
  readonly edits: Edits;
  readonly env?: Record<string, string>;
  /** What verify must say, in its gaps or counts. */
  readonly says: (report: VerifyReport) => boolean;
}

const gapsSay = (pattern: RegExp) => (report: VerifyReport) =>
  Object.values(report.gaps)
    .flat()
    .some((gap) => pattern.test(gap));

const BREAKS: readonly Break[] = [
  {
    name: 'a collector without the log receiver',
    edits: {
      'otel/collector.yaml': (text) => text.replace('receivers: [file_log]', 'receivers: [otlp]'),
    },
    says: gapsSay(/no log line of gateway/),
  },
  {
    name: 'an exporter that points elsewhere',
    edits: {
      'docker-compose.yml': (text) =>
        text.replace(
          /( {2}payments:[\s\S]*?PORT: .*\n)/,
          '$1      OTEL_EXPORTER_OTLP_ENDPOINT: http://127.0.0.1:9\n',
        ),
    },
    says: gapsSay(/no server span of payments/),
  },
  {
    name: 'a service without the start-up hook',
    edits: {
      'docker-compose.yml': (text) =>
        text.replace(/node --import \S+ services\/orders/, 'node services/orders'),
    },
    says: gapsSay(/no server span of orders/),
  },
  {
    name: 'a dropped label',
    edits: {
      'otel/prometheus.yaml': (text) =>
        text.replace('|collector_instance_id', '|collector_instance_id|error_code'),
    },
    says: ({ codes }) => codes.some(({ responses, counted }) => responses > 0 && counted === 0),
  },
  {
    name: '1 % sampling without the error policy',
    edits: {
      'otel/collector-tail.yaml': (text) =>
        text
          .replace(/ {6}- name: error[\s\S]*?(?= {6}- name: share-of-the-rest)/, '')
          .replace(/"\$\{env:TRACE_SAMPLE_PERCENT:-10\}"/, '1'),
    },
    env: { TRACE_SAMPLING: 'tail' },
    says: gapsSay(/^no trace$/),
  },
];

for (const { name, edits, env = {}, says } of BREAKS) {
  test(`verify names what ${name} loses`, async () => {
    const report = await verify(new TestStack(edits, env), 30, 12);
    assert.equal(report.code, 1);
    assert.ok(!report.passed);
    assert.ok(says(report), JSON.stringify({ gaps: report.gaps, codes: report.codes }, null, 2));
  });
}
