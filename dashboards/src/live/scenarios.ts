/**
 * Brings the stack into the states that panels declare, and remembers when.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../generated.ts';
import type { Scenario } from '../proof.ts';
import type { Addresses, Range } from './backends.ts';

const run = promisify(execFile);

/** When each state was there; `recovery` follows a fault. */
export interface Phase extends Range {
  readonly name: Scenario | 'warm-up' | 'recovery';
}

export interface DriveOptions {
  readonly at: Addresses;
  readonly controlToken: string;
  /** Compose file of the stack that runs, to stop and start a process of it. */
  readonly file: string;
  readonly load: boolean;
  /** The last scenario; all when undefined. */
  readonly until: string | undefined;
  readonly report: (sentence: string) => void;
}

interface Step {
  readonly name: Phase['name'];
  readonly seconds: number;
  readonly fault?: object;
  readonly clientErrors?: boolean;
  readonly stop?: string;
}

const STEPS: readonly Step[] = [
  { name: 'warm-up', seconds: 10 },
  { name: 'healthy', seconds: 30 },
  { name: 'client-errors', seconds: 20, clientErrors: true },
  { name: 'provider-503', seconds: 45, fault: { kind: 'status', status: 503 } },
  { name: 'recovery', seconds: 40 },
  { name: 'provider-slow', seconds: 20, fault: { kind: 'latency', latency_ms: 850 } },
  { name: 'recovery', seconds: 15 },
  { name: 'jaeger-down', seconds: 20, stop: 'jaeger' },
  { name: 'recovery', seconds: 25 },
  { name: 'provider-hang', seconds: 20, fault: { kind: 'hang' } },
  { name: 'recovery', seconds: 10 },
];

/** Orders a second, and as many looks at items. */
const RATE = 8;
const TICK_MS = 1_000 / RATE;

/** Runs all states, one after another, under steady traffic. */
export async function driveScenarios(options: DriveOptions): Promise<Phase[]> {
  const phases: Phase[] = [];
  const setFault = faults(options);
  await setFault(undefined);
  const k6 = options.load ? startK6(options) : Promise.resolve();
  try {
    for (const { name, seconds, fault, clientErrors = false, stop } of stepsUntil(options.until)) {
      options.report(`${name}, ${seconds} s`);
      await setFault(fault);
      if (stop) await control('stop', stop, options.file);
      const fromS = Date.now() / 1_000;
      await traffic(options.at.gateway, fromS + seconds, clientErrors);
      phases.push({ name, fromS, toS: Date.now() / 1_000 });
      if (stop) await control('restart', stop, options.file);
    }
  } finally {
    await setFault(undefined);
    await k6;
  }
  return phases;
}

/** The steps up to a scenario and the recovery after it. */
function stepsUntil(last: string | undefined): readonly Step[] {
  const at = STEPS.findIndex(({ name }) => name === last);
  return at < 0 ? STEPS : STEPS.slice(0, at + 2);
}

function faults({ at, controlToken }: DriveOptions) {
  const headers = { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' };
  return async (fault: object | undefined) => {
    await expectOk(await fetch(`${at.unstable}/faults`, { method: 'DELETE', headers }));
    if (!fault) return;
    const body = JSON.stringify({ route: 'POST /charges', for_s: 120, ...fault });
    await expectOk(await fetch(`${at.unstable}/faults`, { method: 'PUT', headers, body }));
  };
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) {
    throw new Error(
      `the provider refused a fault with ${response.status}: is CONTROL_TOKEN right?`,
    );
  }
}

/** Requests at a steady rate; what they answer is for the telemetry to say. */
async function traffic(gateway: string, untilS: number, clientErrors: boolean): Promise<void> {
  const pending: Promise<unknown>[] = [];
  const send = (path: string, body?: object) => {
    const request = body
      ? {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }
      : {};
    const sent = fetch(`${gateway}${path}`, { ...request, signal: AbortSignal.timeout(8_000) });
    pending.push(sent.then((response) => response.arrayBuffer()).catch(() => undefined));
  };
  const startedAt = Date.now();
  for (let i = 1; Date.now() / 1_000 < untilS; i++) {
    send('/orders', { user_id: 'user1', item_id: 'item1', quantity: 1 });
    send(i % 2 ? '/items' : '/items/item1');
    if (clientErrors) {
      send('/items/nowhere');
      send('/orders', { user_id: 'user1', item_id: 'item2', quantity: 10 });
      send('/orders', { user_id: 'user1', item_id: 'item1', quantity: 'many' });
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, startedAt + i * TICK_MS - Date.now())),
    );
  }
  await Promise.all(pending);
}

async function startK6({ at, file, report }: DriveOptions): Promise<void> {
  const main = join(ROOT, 'stack/src/main.ts');
  const env = { ...process.env, GATEWAY_URL: at.gateway, PROMETHEUS_URL: at.prometheus };
  await run(process.execPath, [main, 'load', 'smoke', '--file', file], { env }).catch((error) => {
    report(`k6 said: ${String(error.stderr || error).slice(-300)}`);
  });
}

async function control(command: 'stop' | 'restart', name: string, file: string): Promise<void> {
  await run(process.execPath, [join(ROOT, 'stack/src/main.ts'), command, name, '--file', file]);
}
