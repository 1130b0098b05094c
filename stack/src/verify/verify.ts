import { resolve } from 'node:path';
import { parseArguments } from '@breakwater/cli/arguments';
import { BackendError } from '@breakwater/timeline';
import { COMPOSE_FILE } from '../commands/options.ts';
import { pauseDemo } from '../demo/demo-traffic.ts';
import { StackError, UsageError } from '../errors.ts';
import { openSources, type StackSources } from '../sources.ts';
import { drive } from './drive.ts';
import { EvidenceReader, errorCounts, isComplete } from './evidence.ts';
import { provider, waitForProvider } from './provider.ts';
import { makeReport, renderReport, type VerifyReport } from './report.ts';
import { sleep } from './sleep.ts';

/** Two scrapes: the counters seen before the run must be all that came before it. */
const BEFORE_MS = 11_000;
/** Longer than any request of the demo traffic; what is embedded is read when it is asked for. */
const DEMO_ENDS_MS = 3_000;
/** The demo traffic comes back by itself after this, should `verify` be killed. */
const DEMO_LEASE_MS = 600_000;
const POLL_MS = 1_000;

/**
 * Runs `verify` and prints its report. It assumes to be alone on the stack while it runs.
 *
 * @returns whether every failing response was joined
 * @throws {UsageError} for bad arguments
 * @throws {StackError} when the stack or a backend does not answer
 */
export async function verify(args: readonly string[]): Promise<boolean> {
  const { values } = parseArguments({
    args: [...args],
    options: {
      file: { type: 'string', short: 'f', default: COMPOSE_FILE },
      json: { type: 'boolean', default: false },
      requests: { type: 'string', default: '200' },
      concurrency: { type: 'string', default: '8' },
      settle: { type: 'string', default: '30' },
    },
  });
  const requests = positive('--requests', values.requests);
  const concurrency = positive('--concurrency', values.concurrency);
  const settleMs = 1_000 * positive('--settle', values.settle);
  const stack = openSources(resolve(values.file));
  const demo =
    stack.backends === 'embedded'
      ? pauseDemo(stack.paths.demoPause, Date.now() + DEMO_LEASE_MS)
      : undefined;
  try {
    const report = await run(stack, requests, concurrency, settleMs);
    process.stdout.write(
      `${values.json ? JSON.stringify(report, null, 2) : renderReport(report)}\n`,
    );
    return report.passed;
  } catch (error) {
    if (error instanceof BackendError || isRefused(error)) {
      throw new StackError(
        `${error instanceof BackendError ? error.message : 'The services do not answer'}. ` +
          'Start the stack with npm start, or see npm run stack -- status.',
        { cause: error },
      );
    }
    throw error;
  } finally {
    demo?.resume();
  }
}

async function run(
  { sources, backends, environment: env }: StackSources,
  requests: number,
  concurrency: number,
  settleMs: number,
): Promise<VerifyReport> {
  const gatewayUrl = env.GATEWAY_URL ?? `http://127.0.0.1:${env.GATEWAY_PORT ?? 8080}`;
  const operations = (name: string, port: number) =>
    env[`${name}_OPERATIONS_URL`] ?? `http://127.0.0.1:${env[`${name}_OPERATIONS_PORT`] ?? port}`;
  const control = provider(
    operations('UNSTABLE', 18_087),
    operations('PAYMENTS', 18_084),
    env.CONTROL_TOKEN ?? 'breakwater-dev',
  );
  const report = (sentence: string) => process.stderr.write(`${sentence}\n`);

  await control.clearFaults();
  await waitForProvider(gatewayUrl);
  report('waiting, so that what came before is counted');
  await sleep(backends === 'embedded' ? DEMO_ENDS_MS : BEFORE_MS);
  const before = await errorCounts(sources);
  const fromMs = Date.now();
  const driven = await drive({ gatewayUrl, provider: control, requests, concurrency, report });
  const lastAnswerMs = Date.now();

  report('waiting for the telemetry');
  const range = { fromMs, toMs: lastAnswerMs + settleMs };
  const reader = new EvidenceReader(sources, driven, range, before);
  for (;;) {
    const evidence = await reader.read();
    const settledMs = Date.now() - lastAnswerMs;
    if (isComplete(evidence) || settledMs > settleMs) {
      await waitForProvider(gatewayUrl);
      return makeReport(driven, evidence, settledMs / 1000);
    }
    await sleep(POLL_MS);
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000) {
    throw new UsageError(`${option} takes a number from 1 to 100000`);
  }
  return value;
}

/** `fetch` rejects with a TypeError whose cause is the socket's error. */
function isRefused(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error && 'code' in error.cause;
}
