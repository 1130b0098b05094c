/**
 * Brings the stack into the states that panels declare, and remembers when.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../generated.ts';
import { BACKENDS, OURS } from '../metrics.ts';
import { type Addresses, Backends, type Range } from './backends.ts';
import type { Step } from './steps.ts';
import { traffic } from './traffic.ts';

const run = promisify(execFile);
const CLI = join(ROOT, 'stack/src/main.ts');
/** A fault ends by itself after this, should this process die. */
const LEASE_S = 120;

/** The longest that a stack may take to be well, and how often it is asked. */
const WELL_WITHIN_S = 180;
const ASK_EVERY_S = 5;

/** When each state was there. */
export interface Phase extends Range {
  readonly name: Step['name'];
}

export interface DriveOptions {
  readonly at: Addresses;
  readonly controlToken: string;
  /** Compose file of the stack that runs, to stop and start a process of it. */
  readonly file: string;
  /** Whether k6 runs beside it. */
  readonly load: boolean;
  readonly steps: readonly Step[];
  readonly report: (sentence: string) => void;
}

/**
 * Runs the states, one after another, under steady traffic.
 *
 * @throws {Error} when the stack is not well before anything is done to it
 */
export async function driveScenarios(options: DriveOptions): Promise<Phase[]> {
  const phases: Phase[] = [];
  const setFault = faults(options);
  await setFault(undefined);
  const k6 = options.load ? startK6(options) : Promise.resolve();
  try {
    for (const step of options.steps) {
      const { name, seconds, fault, stop, cycles } = step;
      options.report(`${name}, ${seconds} s`);
      const turns = cycles
        ? Array.from({ length: cycles }, () => [fault, undefined]).flat()
        : [fault];
      if (stop) await control('stop', stop, options.file);
      const fromS = Date.now() / 1_000;
      try {
        for (const turn of turns) {
          await setFault(turn);
          await traffic(options.at, seconds / turns.length, step);
        }
        if (name === 'warm-up') await untilWell(options);
        phases.push({ name, fromS, toS: Date.now() / 1_000 });
      } finally {
        if (stop) await control('restart', stop, options.file);
      }
    }
  } finally {
    await setFault(undefined);
    await k6;
  }
  return phases;
}

/** Sends traffic until nothing fails and no alert fires: only then is healthy what it says. */
async function untilWell({ at, report }: DriveOptions): Promise<void> {
  const backends = new Backends(at);
  const last = `sum by (service_name, error_code) (rate(${OURS.errors}{error_type="technical"}[20s])) > 0 or count by (alertname) (${BACKENDS.alerts}{alertstate="firing", severity!="none", objective!~".*-latency.*"})`;
  for (let waitedS = 0; ; waitedS += ASK_EVERY_S) {
    const now = Date.now() / 1_000;
    const wrong = await backends.prometheusRange(last, { fromS: now, toS: now }, 1);
    if (wrong.length === 0) return;
    if (waitedS >= WELL_WITHIN_S) {
      const what = wrong.map(({ labels }) => Object.values(labels).join(' ')).join(', ');
      throw new Error(
        `it is not well before any fault was made, after ${WELL_WITHIN_S} s: ${what}; see npm run stack -- status`,
      );
    }
    if (waitedS === 0) report('waiting until nothing fails');
    await traffic(at, ASK_EVERY_S, {});
  }
}

function faults({ at, controlToken }: DriveOptions) {
  const headers = { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' };
  return async (fault: object | undefined) => {
    await expectOk(await fetch(`${at.unstable}/faults`, { method: 'DELETE', headers }));
    if (!fault) return;
    const body = JSON.stringify({ for_s: LEASE_S, ...fault });
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

async function startK6({ at, report }: DriveOptions): Promise<void> {
  const env = {
    ...process.env,
    GATEWAY_URL: at.gateway,
    PROMETHEUS_PORT: new URL(at.prometheus).port,
  };
  await run(process.execPath, [CLI, 'load', 'smoke'], { env }).catch((error) => {
    report(`k6 said: ${String(error.stderr || error).slice(-300)}`);
  });
}

async function control(command: 'stop' | 'restart', name: string, file: string): Promise<void> {
  await run(process.execPath, [CLI, command, name, '--file', file]);
}
