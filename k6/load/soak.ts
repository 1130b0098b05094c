/**
 * Does it hold the objectives for long, and as well at the end as at the beginning? RATE=20
 * DURATION=30m; the first, the middle and the last third are judged apart.
 *
 * @module
 */
import type { Options } from 'k6/options';
import { day, openShop } from '../lib/day.ts';
import { positive, seconds } from '../lib/environment.ts';
import { arrivals, objectives, TREND_STATS } from '../lib/scenarios.ts';

const rate = positive('RATE', 20);
const thirdS = Math.ceil(seconds('DURATION', '30m') / 3);

export const options: Options = {
  scenarios: {
    first: arrivals(rate, thirdS),
    middle: arrivals(rate, thirdS, thirdS),
    last: arrivals(rate, thirdS, 2 * thirdS),
  },
  thresholds: { ...objectives('first'), ...objectives('middle'), ...objectives('last') },
  summaryTrendStats: TREND_STATS,
};

export const setup = openShop;
export default day;
