/**
 * The states that the stack is brought into, one after another.
 *
 * @module
 */
import type { Scenario } from '../proof.ts';

/** What is wrong for a while. */
export interface Step {
  /** `recovery` follows a fault. */
  readonly name: Scenario | 'warm-up' | 'recovery';
  readonly seconds: number;
  /** A fault of the outside world, as `PUT /faults` takes it. */
  readonly fault?: object;
  /** The fault comes and goes so often, half the time each. Default: it stays. */
  readonly cycles?: number;
  /** Requests that the client got wrong, beside the others. */
  readonly clientErrors?: boolean;
  /** A process that is stopped. */
  readonly stop?: string;
  /** Lines that Loki must refuse. */
  readonly longLines?: boolean;
  /** Orders at every tick of the traffic. Default: 1. */
  readonly orders?: number;
}

const CHARGES_FAIL = { route: 'POST /charges', kind: 'status', status: 503 };
const CHARGES_HANG = { route: 'POST /charges', kind: 'hang' };
const CHARGES_TAKE_TIME = { route: 'POST /charges', kind: 'latency', latency_ms: 850 };
const DELIVERIES_HANG = { route: 'POST /deliveries', kind: 'hang' };

/**
 * Each is as long as what it is to show takes: alerts wait before they fire, and rates forget over
 * their window. What takes longest to forget comes first. Client errors are a recovery of the
 * provider, which has nothing to do with them.
 */
export const STEPS: readonly Step[] = [
  { name: 'warm-up', seconds: 10 },
  { name: 'healthy', seconds: 30 },
  { name: 'provider-503', seconds: 40, fault: CHARGES_FAIL },
  { name: 'client-errors', seconds: 25, clientErrors: true },
  { name: 'recovery', seconds: 45 },
  { name: 'loki-refuses', seconds: 20, longLines: true },
  { name: 'recovery', seconds: 25 },
  { name: 'provider-slow', seconds: 20, fault: CHARGES_TAKE_TIME },
  { name: 'recovery', seconds: 15 },
  { name: 'jaeger-down', seconds: 80, stop: 'jaeger' },
  { name: 'recovery', seconds: 25 },
  { name: 'users-down', seconds: 25, stop: 'users' },
  { name: 'recovery', seconds: 25 },
  { name: 'delivery-hang', seconds: 40, fault: DELIVERIES_HANG, orders: 4 },
  { name: 'recovery', seconds: 20 },
  { name: 'provider-flaky', seconds: 40, fault: { ...CHARGES_FAIL, rate: 0.4 }, orders: 4 },
  { name: 'recovery', seconds: 20 },
  { name: 'provider-hang', seconds: 20, fault: CHARGES_HANG },
  { name: 'recovery', seconds: 20 },
  { name: 'provider-flapping', seconds: 80, fault: CHARGES_FAIL, cycles: 4 },
  { name: 'recovery', seconds: 60 },
];

/**
 * The healthy time and the scenarios chosen, each with what it needs to recover; all when
 * undefined.
 */
export function stepsOf(only: readonly Scenario[] | undefined): readonly Step[] {
  if (!only) return STEPS;
  const wanted = ['warm-up', 'healthy', ...only];
  let kept = false;
  return STEPS.filter(({ name }) => {
    if (name !== 'recovery') kept = wanted.includes(name);
    return kept;
  });
}
