/**
 * Ways to break the pipeline on purpose, and what verify must say about each.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { VerifyReport } from '../src/verify/report.ts';
import { type Edits, TestStack } from './test-stack.ts';

export type Verified = VerifyReport & { code: number | null };

/** Runs verify on a stack of its own. */
export async function verify(stack: TestStack, requests: number, settleS = 30): Promise<Verified> {
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

export interface Break {
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

export const BREAKS: readonly Break[] = [
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

/** Verify on a stack with these breaks, over few requests. */
export function verifyBroken(breaks: readonly Break[]): Promise<Verified> {
  const edits: Record<string, (text: string) => string> = {};
  for (const [path, edit] of breaks.flatMap((each) => Object.entries(each.edits))) {
    const before = edits[path];
    edits[path] = before ? (text) => edit(before(text)) : edit;
  }
  const env = Object.assign({}, ...breaks.map((each) => each.env));
  return verify(new TestStack(edits, env), 30, 12);
}

/** Throws unless verify was red and named what each break loses. */
export function assertNamed(breaks: readonly Break[], report: Verified): void {
  assert.equal(report.code, 1);
  assert.ok(!report.passed);
  for (const { name, says } of breaks) {
    const { gaps, codes } = report;
    assert.ok(says(report), `${name}: ${JSON.stringify({ gaps, codes }, null, 2)}`);
  }
}
