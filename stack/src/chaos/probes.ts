/**
 * Statements that many experiments make.
 *
 * @module
 */
import type { Experiment, Journey, Probe } from './experiment.ts';

/** Lowest and highest value. */
type Range = readonly [number, number];

/** A share of a journey's requests is answered as it should be. */
export function answered(name: string, journey: Journey, range: Range, after_s = 0): Probe {
  return {
    type: 'probe',
    name,
    tolerance: { type: 'range', range },
    provider: { type: 'load', journey, measure: 'success_ratio', after_s },
  };
}

/** The steady state of a shop on a good day, whatever an experiment breaks. */
export const SHOP_WORKS: Experiment['steady-state-hypothesis'] = {
  title: 'Orders are paid and the shop can be browsed',
  probes: [
    answered('orders are paid', 'order', [0.95, 1]),
    answered('the shop can be browsed', 'browse', [0.95, 1]),
  ],
};

/** A share of a journey's requests is answered in one of these ways. */
export function answeredBy(
  name: string,
  journey: Journey,
  answers: readonly string[],
  range: Range,
  after_s = 0,
): Probe {
  return {
    type: 'probe',
    name,
    tolerance: { type: 'range', range },
    provider: { type: 'load', journey, measure: 'share', answers, after_s },
  };
}

/**
 * A journey's median is at most so many times that of the baseline. Of the p99 a single pause of the
 * machine decides; what holds a journey up shows in the median.
 */
export function staysFast(name: string, journey: Journey, times: number, after_s = 0): Probe {
  return {
    type: 'probe',
    name,
    tolerance: { type: 'range', range: [0, times] },
    provider: { type: 'load', journey, measure: 'p50_ratio', after_s },
  };
}

/** A circuit opens within some seconds of the first fault. */
export function opens(service: string, breaker: string, withinS: number): Probe {
  return {
    type: 'probe',
    name: `the circuit ${service}/${breaker} opens`,
    tolerance: { type: 'range', range: [0, withinS] },
    provider: { type: 'breaker', measure: 'seconds_until', service, breaker, state: 'open' },
  };
}

/** A circuit is closed; one that is not there counts as such. */
export function closed(service: string, breaker: string): Probe {
  return {
    type: 'probe',
    name: `the circuit ${service}/${breaker} is closed`,
    tolerance: { type: 'range', range: [1, 1] },
    provider: { type: 'breaker', measure: 'is', service, breaker, state: 'closed' },
  };
}

/** A counter of a service grows by at least this much. */
export function grows(
  name: string,
  service: string,
  metric: string,
  labels: Readonly<Record<string, string>>,
  least: number,
): Probe {
  return {
    type: 'probe',
    name,
    tolerance: { type: 'range', range: [least, Infinity] },
    provider: { type: 'metric', measure: 'increase', service, metric, labels },
  };
}

/** Requests that the provider gets for each order that is placed. */
export function chargesPerOrder(name: string, range: Range): Probe {
  const metric = 'http_server_request_duration_seconds_count';
  return {
    type: 'probe',
    name,
    tolerance: { type: 'range', range },
    provider: {
      type: 'metric',
      measure: 'ratio',
      service: 'unstable',
      metric,
      labels: { http_route: '/charges', http_request_method: 'POST' },
      per: {
        service: 'orders',
        metric,
        labels: { http_route: '/orders', http_request_method: 'POST' },
      },
    },
  };
}

/** An alert fires. */
export function fires(alert: string): Probe {
  return {
    type: 'probe',
    name: `${alert} fires`,
    tolerance: { type: 'range', range: [1, Infinity] },
    provider: { type: 'alert', alert },
  };
}

/** An alert does not fire. */
export function staysSilent(alert: string): Probe {
  return {
    type: 'probe',
    name: `${alert} stays silent`,
    tolerance: { type: 'range', range: [0, 0] },
    provider: { type: 'alert', alert },
  };
}
