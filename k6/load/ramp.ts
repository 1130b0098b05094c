/**
 * How much can it take? FROM=20 requests a second, STEP=20 more every STEP_DURATION=20s, up to
 * TO=200; ends early where half of the answers take a second. The knee is the last step before one
 * whose p99 is over 250 ms, or that failed a request or had to leave one out.
 *
 * @module
 */
import type { Options, Threshold } from 'k6/options';
import { day, openShop } from '../lib/day.ts';
import { positive, seconds } from '../lib/environment.ts';
import { arrivals, TREND_STATS } from '../lib/scenarios.ts';

const [from, to, step] = [positive('FROM', 20), positive('TO', 200), positive('STEP', 20)];
const stepS = seconds('STEP_DURATION', '20s');
if (to < from) throw new Error(`TO=${to} is less than FROM=${from}`);
const count = Math.floor((to - from) / step) + 1;
if (count > 50) throw new Error(`${count} steps from ${from} to ${to} are too many: raise STEP`);

const scenarios: NonNullable<Options['scenarios']> = {};
const thresholds: Record<string, Threshold[]> = {};
for (let i = 0; i < count; i++) {
  const rate = from + i * step;
  const name = `rate_${rate}`;
  scenarios[name] = { ...arrivals(rate, stepS, i * stepS), gracefulStop: '5s' };
  thresholds[`http_req_duration{scenario:${name}}`] = [
    { threshold: 'med<1000', abortOnFail: true },
  ];
  // Always true: k6 sums up a metric by scenario only where a threshold asks for it, and
  // `npm run load` finds the knee in these sums.
  thresholds[`http_reqs{scenario:${name}}`] = ['count>=0'];
  thresholds[`checks{scenario:${name}}`] = ['rate>=0'];
  thresholds[`dropped_iterations{scenario:${name}}`] = ['count>=0'];
}

export const options: Options = { scenarios, thresholds, summaryTrendStats: TREND_STATS };

export const setup = openShop;
export default day;
