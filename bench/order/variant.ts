/**
 * The stack under measurement: whose code, and which telemetry is on.
 *
 * @module
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestStack } from '../../stack/e2e/test-stack.ts';

const SPANS_OFF = { OTEL_SDK_DISABLED: 'true' };
/** A line a request is of level info. */
const LINES_OFF = { LOG_LEVEL: 'error' };
const METRICS_OFF = `--import ${new URL('without-metrics.mjs', import.meta.url).href}`;

/** What of telemetry is off in the services. */
interface Switches {
  readonly env: Readonly<Record<string, string>>;
  readonly metrics: boolean;
  /** Without anything to keep, no backend runs either. */
  readonly backends: 'native' | 'embedded';
}

const VARIANTS: Readonly<Record<string, Switches>> = {
  on: { env: {}, metrics: true, backends: 'native' },
  'no-spans': { env: SPANS_OFF, metrics: true, backends: 'native' },
  'no-lines': { env: LINES_OFF, metrics: true, backends: 'native' },
  'no-metrics': { env: {}, metrics: false, backends: 'native' },
  off: { env: { ...SPANS_OFF, ...LINES_OFF }, metrics: false, backends: 'embedded' },
};

/** One of them, running. */
export interface Running {
  readonly name: string;
  readonly stack: TestStack;
  readonly pids: Readonly<Record<string, number>>;
  readonly telemetry: boolean;
}

/**
 * Starts a stack of the code in `tree`.
 *
 * @throws {RangeError} when there is no such variant
 */
export async function startVariant(tree: string, variant: string): Promise<Running> {
  const switches = VARIANTS[variant];
  if (!switches) throw new RangeError(`no variant ${variant}: ${Object.keys(VARIANTS).join(', ')}`);
  const { env, metrics, backends } = switches;
  const module = pathToFileURL(resolve(tree, 'stack/e2e/test-stack.ts')).href;
  const { TestStack } = (await import(module)) as typeof import('../../stack/e2e/test-stack.ts');
  const edits = {
    'docker-compose.yml': (text: string) =>
      text.replace('NODE_OPTIONS: --max-semi', `NODE_OPTIONS: ${METRICS_OFF} --max-semi`),
  };
  const stack = new TestStack(metrics ? {} : edits, env);
  await stack.up('--backends', backends);
  return {
    name: variant,
    stack,
    pids: await stack.pids(),
    telemetry: backends === 'native',
  };
}
