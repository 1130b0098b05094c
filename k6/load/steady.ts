/**
 * Does it hold the objectives at a rate? The mix of a real day; RATE=20 DURATION=1m.
 *
 * @module
 */
import type { Options } from 'k6/options';
import { day, openShop } from '../lib/day.ts';
import { positive, seconds } from '../lib/environment.ts';
import { arrivals, objectives, TREND_STATS } from '../lib/scenarios.ts';

export const options: Options = {
  scenarios: { steady: arrivals(positive('RATE', 20), seconds('DURATION', '1m')) },
  thresholds: objectives('steady'),
  summaryTrendStats: TREND_STATS,
};

export const setup = openShop;
export default day;
