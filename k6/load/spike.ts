/**
 * Does it come back after a rush? RATE=20 for 20s, FACTOR=5 times that for SPIKE=20s, then RATE
 * again: the objectives must hold before, and from SETTLE=10s after it. In the rush itself answers
 * may be refusals, but 95 % must be there within 5 s.
 *
 * @module
 */
import type { Options } from 'k6/options';
import { day, openShop } from '../lib/day.ts';
import { positive, seconds } from '../lib/environment.ts';
import { arrivals, objectives, TREND_STATS } from '../lib/scenarios.ts';

const CALM_S = 20;
const rate = positive('RATE', 20);
const spikeS = seconds('SPIKE', '20s');
const settleS = seconds('SETTLE', '10s');

export const options: Options = {
  scenarios: {
    before: arrivals(rate, CALM_S),
    spike: arrivals(rate * positive('FACTOR', 5), spikeS, CALM_S),
    settling: arrivals(rate, settleS, CALM_S + spikeS),
    after: arrivals(rate, CALM_S, CALM_S + spikeS + settleS),
  },
  thresholds: {
    ...objectives('before'),
    ...objectives('after'),
    // The gateway's own deadline is 4 s, from when it has read the request.
    'http_req_duration{scenario:spike}': ['p(95)<5000'],
  },
  summaryTrendStats: TREND_STATS,
};

export const setup = openShop;
export default day;
