/**
 * What a panel must show when the stack is put into a state, so that it can be proven without
 * looking at it.
 *
 * @module
 */

/** States that the stack can be brought into; `live/steps.ts` says how. */
export const SCENARIOS = [
  'healthy',
  'provider-503',
  'client-errors',
  'loki-refuses',
  'provider-slow',
  'jaeger-down',
  'users-down',
  'delivery-hang',
  'provider-flaky',
  'provider-hang',
  'provider-flapping',
] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface Proof {
  readonly scenario: Scenario;
  /**
   * Compared with its value while healthy, the sum of the panel's values goes up or down under the
   * scenario. Left out, series and finite values are enough.
   */
  readonly moves?: 'up' | 'down';
  /** Whether the value comes back when the scenario is over; not so for sums over the range. */
  readonly returns?: boolean;
  /** Labels of the curves that are compared; left out, those of the first query are summed up. */
  readonly only?: Readonly<Record<string, string>>;
  /**
   * The panel is about something that is not provoked here, with the reason: it may have no series,
   * and its query is only run.
   */
  readonly unprovoked?: string;
}

export const HEALTHY: Proof = { scenario: 'healthy' };

/** A value that a scenario moves, and that comes back. */
export function moved(scenario: Scenario, moves: 'up' | 'down' = 'up'): Proof {
  return { scenario, moves, returns: true };
}

/** A value over the whole range that a scenario moves. */
export function accumulates(scenario: Scenario, moves: 'up' | 'down' = 'up'): Proof {
  return { scenario, moves, returns: false };
}

/** The objective that failing orders miss; those on latency depend on the machine. */
export const OF_ORDERS = { sloth_slo: 'order-availability-demo' };

export function unprovoked(reason: string): Proof {
  return { scenario: 'healthy', unprovoked: reason };
}
