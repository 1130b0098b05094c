/**
 * Does the system work at all? Half a minute of a little of everything.
 *
 * @module
 */
import type { Options } from 'k6/options';
import { browse, missingItem, order, outOfStock, viewItem, wrongInput } from '../lib/journeys.ts';

export const options: Options = {
  scenarios: {
    smoke: {
      executor: 'constant-arrival-rate',
      rate: 5,
      timeUnit: '1s',
      duration: '20s',
      preAllocatedVUs: 5,
      maxVUs: 20,
    },
  },
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    'http_req_duration{expected_response:true}': ['p(95)<1000'],
    dropped_iterations: ['count<5'],
  },
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
};

const JOURNEYS = [browse, viewItem, order, order, missingItem, outOfStock, wrongInput];
let turn = 0;

export default function (): void {
  JOURNEYS[turn++ % JOURNEYS.length]?.();
}
