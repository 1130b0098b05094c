/**
 * Scenarios and thresholds that the scripts share.
 *
 * @module
 */
import type { ConstantArrivalRateScenario, Threshold } from 'k6/options';
import { SLO_THRESHOLDS } from './slo-thresholds.ts';

type Thresholds = Record<string, Threshold[]>;

/** What the end of a test shows of each duration; `npm run bench -- load` reads the p99. */
export const TREND_STATS = ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'];

/** How long a request may still be answered after its scenario has ended. */
const GRACEFUL_STOP = '10s';

/**
 * Requests that come at a rate, whether or not those before are answered.
 *
 * @param rate requests a second
 * @param durationS how long, in whole seconds
 * @param startS when, in whole seconds after the start of the test
 */
export function arrivals(rate: number, durationS: number, startS = 0): ConstantArrivalRateScenario {
  return {
    executor: 'constant-arrival-rate',
    // k6 takes whole numbers only; a minute has room for a fraction of a request a second.
    rate: Math.round(rate * 60),
    timeUnit: '1m',
    duration: `${durationS}s`,
    startTime: `${startS}s`,
    gracefulStop: GRACEFUL_STOP,
    preAllocatedVUs: Math.ceil(10 + rate / 4),
    // The gateway holds 200 requests at most and refuses what comes beyond.
    maxVUs: Math.ceil(Math.min(50 + 4 * rate, 400)),
  };
}

/**
 * The objectives, for the whole test or for one of its scenarios: what the alerts watch, and that
 * no request was left out because too many were waiting.
 */
export function objectives(scenario?: string): Thresholds {
  const all: Thresholds = {
    ...SLO_THRESHOLDS,
    'checks{}': ['rate>0.99'],
    'dropped_iterations{}': ['count<5'],
  };
  return Object.fromEntries(
    Object.entries(all).map(([metric, thresholds]) => [within(metric, scenario), thresholds]),
  );
}

/** `metric{a:b}` of one scenario; `metric{}` is the metric as a whole. */
function within(metric: string, scenario: string | undefined): string {
  const [name = '', tags = ''] = metric.replace('}', '').split('{');
  const all = [tags, scenario && `scenario:${scenario}`].filter(Boolean);
  return all.length > 0 ? `${name}{${all.join(',')}}` : name;
}
