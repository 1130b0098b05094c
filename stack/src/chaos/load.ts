import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StackError } from '../errors.ts';
import { readMessage } from '../load/failures.ts';
import type { Answer } from './answers.ts';

/** Requests under way. */
export interface Load {
  /** Every answer so far. */
  readonly answers: readonly Answer[];
  /** Settles when the last answer is there. @throws StackError when no load could be made. */
  readonly ended: Promise<void>;
  /** Ends it at once: what is under way is lost. */
  stop(): void;
}

const SCRIPT = fileURLToPath(new URL('../../../k6/lib/experiment-load.ts', import.meta.url));
const MARK = 'answer ';

export interface K6LoadOptions {
  readonly binary: string;
  readonly testId: string;
  /** Requests a second, by journey. */
  readonly rates: Readonly<Partial<Record<string, number>>>;
  readonly seconds: number;
  readonly gatewayUrl: string;
  /** Where k6 writes its own results; not at all when undefined. */
  readonly prometheusUrl?: string;
  /** For k6's own page about the run. */
  readonly reportFile: string;
}

/** k6 says so when a threshold failed, or when it was told to stop. */
const ENDED_WELL = new Set<number | null>([0, 99, 105]);

/** Starts k6. Its answers come one line each. */
export function k6Load(options: K6LoadOptions): Load {
  const { testId, rates, seconds, prometheusUrl } = options;
  mkdirSync(dirname(options.reportFile), { recursive: true });
  const output = prometheusUrl ? ['--out', 'experimental-prometheus-rw'] : [];
  const child = spawn(
    options.binary,
    [
      ...['run', SCRIPT, '--tag', `testid=${testId}`, ...output],
      ...['--log-format', 'json', '--no-usage-report', '--no-color', '--quiet'],
      ...['--address', ''],
    ],
    {
      env: {
        ...process.env,
        TESTID: testId,
        GATEWAY_URL: options.gatewayUrl,
        EXPERIMENT_LOAD: JSON.stringify({ rates, seconds }),
        ...(prometheusUrl ? { K6_PROMETHEUS_RW_SERVER_URL: `${prometheusUrl}/api/v1/write` } : {}),
        K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true',
        K6_WEB_DASHBOARD: 'true',
        K6_WEB_DASHBOARD_PORT: '-1',
        K6_WEB_DASHBOARD_EXPORT: options.reportFile,
      },
      // A group of its own: the terminal's Ctrl-C is for the runner, which undoes first.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const answers: Answer[] = [];
  let said = 'it said nothing';
  createInterface({ input: child.stderr }).on('line', (line) => {
    const message = readMessage(line);
    if (message?.startsWith(MARK)) answers.push(readAnswer(message.slice(MARK.length)));
    else if (message && !message.startsWith('failed-response')) said = message;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new StackError(`k6 cannot be run: ${error.message}`)));
    child.once('close', (code) => {
      if (ENDED_WELL.has(code)) resolve();
      else reject(new StackError(`k6 ended with ${code ?? 'a signal'}: ${said}`));
    });
  });
  ended.catch(() => undefined);
  return { answers, ended, stop: () => void child.kill('SIGINT') };
}

/** Rates times a factor; none falls below one a second. */
export function scaled(
  rates: Readonly<Partial<Record<string, number>>>,
  factor: number,
): Record<string, number> {
  const entries = Object.entries(rates).map(([journey, rate = 0]) => {
    return [journey, Math.max(1, Math.round(rate * factor))] as const;
  });
  return Object.fromEntries(entries);
}

function readAnswer(text: string): Answer {
  const { trace_id, at, ...rest } = JSON.parse(text) as Omit<Answer, 'traceId' | 'atMs'> & {
    trace_id: string;
    at: number;
  };
  return { ...rest, traceId: trace_id, atMs: at };
}

/** Calls one after the other, without k6; `paths` gives each journey its path. */
export class Caller {
  readonly answers: Answer[] = [];
  readonly #gatewayUrl: string;

  constructor(gatewayUrl: string) {
    this.#gatewayUrl = gatewayUrl;
  }

  /** Sends one request and waits for its answer. */
  async call(journey: string): Promise<Answer> {
    const { path, method = 'GET', body, expected } = CALLS[journey] ?? { path: '/', expected: 200 };
    const begun = performance.now();
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    const answer = await fetch(`${this.#gatewayUrl}${path}`, {
      method,
      headers: { traceparent, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).then(
      async (response) => ({
        status: response.status,
        code: response.ok ? '' : codeOf(await response.text()),
        traceId: response.headers.get('x-trace-id') ?? '',
      }),
      () => ({ status: 0, code: '', traceId: '' }),
    );
    const made = {
      journey,
      ...answer,
      ms: performance.now() - begun,
      atMs: Date.now(),
      expected: answer.status === expected,
    };
    this.answers.push(made);
    return made;
  }
}

interface Call {
  readonly path: string;
  readonly method?: string;
  readonly body?: object;
  readonly expected: number;
}

const CALLS: Readonly<Record<string, Call>> = {
  browse: { path: '/items', expected: 200 },
  'view item': { path: '/items/item1', expected: 200 },
  'missing item': { path: '/items/nowhere', expected: 404 },
  'call external': { path: '/call-external', expected: 200 },
  order: {
    path: '/orders',
    method: 'POST',
    body: { user_id: 'user1', item_id: 'item1', quantity: 1 },
    expected: 201,
  },
};

function codeOf(text: string): string {
  try {
    return String((JSON.parse(text) as { error_code?: unknown }).error_code ?? '');
  } catch {
    return '';
  }
}
