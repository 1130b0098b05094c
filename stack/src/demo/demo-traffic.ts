import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Variables } from '../interpolate.ts';
import { stackVariables } from '../stack-variables.ts';
import type { StackState } from '../state-file.ts';
import { address } from '../summary.ts';

/** One request of the mix. */
interface DemoRequest {
  readonly path: string;
  /** A POST when given. */
  readonly body?: object;
}

const order = (item_id: string, quantity: number): DemoRequest => ({
  path: '/orders',
  body: { user_id: 'user1', item_id, quantity },
});

/**
 * Sent in turn, for ever. `/call-external` fails every other time, and opens its circuit now and
 * then; `/call-service` retries. Who opens the page sees what failures look like, without a fault
 * set anywhere.
 */
const MIX: readonly DemoRequest[] = [
  { path: '/call-external' },
  order('item1', 1),
  { path: '/items' },
  { path: '/call-external' },
  { path: '/call-service' },
  { path: '/items/nowhere' },
  { path: '/call-external' },
  order('item2', 10),
  { path: '/items/item1' },
  { path: '/call-service' },
];

/** Sent while the others start: it fails as long as its peer is not there, and opens its circuit. */
const WHILE_STARTING: DemoRequest = { path: '/call-external' };

/** Enough for a failure to happen, and to be seen. */
const NEEDED = ['gateway', 'console'];

/** Milliseconds between two requests: 2.5 a second. */
const EVERY_MS = 400;
const TIMEOUT_MS = 10_000;
const MAX_IN_FLIGHT = 4;

/**
 * A trickle of requests to the gateway where telemetry is embedded, so that the console shows
 * something at once. `DEMO_TRAFFIC=off` leaves it out.
 */
export class DemoTraffic {
  /** Whether there is any. */
  readonly wanted: boolean;
  readonly #state: () => StackState;
  readonly #pauseFile: string;
  #timer: NodeJS.Timeout | undefined;
  #gateway: string | undefined;
  #sent = 0;
  #inFlight = 0;

  /** @param state the stack as it is now */
  constructor(state: () => StackState, environment: Variables, pauseFile: string) {
    this.wanted = state().backends === 'embedded' && stackVariables(environment).demoTraffic;
    this.#state = state;
    this.#pauseFile = pauseFile;
  }

  /** Begins as soon as the processes that its first requests need are ready. */
  start(): void {
    if (!this.wanted) return;
    rmSync(this.#pauseFile, { force: true });
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #next(): DemoRequest {
    if (this.#state().phase === 'starting') return WHILE_STARTING;
    return MIX[this.#sent++ % MIX.length] as DemoRequest;
  }

  #tick(): void {
    this.#gateway ??= gatewayWhenReady(this.#state());
    // A service that hangs is not asked by more and more requests.
    if (!this.#gateway || this.#inFlight > MAX_IN_FLIGHT || isPaused(this.#pauseFile)) return;
    const { path, body } = this.#next();
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    this.#inFlight++;
    fetch(`${this.#gateway}${path}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body ? post : {}),
    })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined)
      .finally(() => {
        this.#inFlight--;
      });
  }
}

function gatewayWhenReady({ processes }: StackState): string | undefined {
  const ready = processes.filter(({ status }) => status === 'ready');
  if (!NEEDED.every((needed) => ready.some(({ name }) => name === needed))) return undefined;
  const gateway = ready.find(({ name }) => name === 'gateway');
  return gateway && address(gateway);
}

/**
 * Keeps the demo traffic away until the given moment, or until it is let go: a lease, so that it
 * comes back after whoever paused it was killed.
 *
 * @param untilMs Unix time, in milliseconds
 */
export function pauseDemo(pauseFile: string, untilMs: number): { resume(): void } {
  writeFileSync(pauseFile, String(untilMs));
  return { resume: () => rmSync(pauseFile, { force: true }) };
}

function isPaused(pauseFile: string): boolean {
  try {
    return Number(readFileSync(pauseFile, 'utf8')) > Date.now();
  } catch {
    return false;
  }
}
