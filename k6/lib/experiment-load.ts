/**
 * The load of an experiment: each journey at its own rate, every answer told to the runner.
 *
 * @module
 */
import type { RefinedResponse } from 'k6/http';
import type { Options, Scenario } from 'k6/options';
import { browse, missingItem, order, orderStatus, signUp, viewItem } from './journeys.ts';

/** What the runner asks for. */
interface Load {
  /** Requests a second, by journey. */
  readonly rates: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const load = JSON.parse(__ENV.EXPERIMENT_LOAD ?? '{"rates":{},"seconds":1}') as Load;

/** What each journey asks, and the status of the right answer. */
const JOURNEYS: Readonly<
  Record<string, { ask: (orderId: string) => RefinedResponse<'text'>; status: number }>
> = {
  browse: { ask: browse, status: 200 },
  'view item': { ask: viewItem, status: 200 },
  'missing item': { ask: missingItem, status: 404 },
  order: { ask: () => order(), status: 201 },
  'order status': { ask: orderStatus, status: 200 },
  'sign up': {
    ask: () => signUp(`${__ENV.TESTID}-${__VU}-${__ITER}@example.com`),
    status: 201,
  },
};

/** Orders can take four seconds when something hangs; each keeps a virtual user that long. */
const VUS_PER_RATE = 6;

function scenario([journey, rate]: [string, number]): [string, Scenario] {
  return [
    journey.replaceAll(' ', '_'),
    {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: `${load.seconds}s`,
      preAllocatedVUs: rate,
      maxVUs: rate * VUS_PER_RATE,
      gracefulStop: '8s',
      env: { JOURNEY: journey },
    },
  ];
}

export const options: Options = {
  scenarios: Object.fromEntries(Object.entries(load.rates).map(scenario)),
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
};

/** An order to ask about, of a user who has an account. */
export function setup(): string {
  if (!('order status' in load.rates)) return '';
  const user = signUp(`${__ENV.TESTID}@example.com`).json('id');
  return String(order(String(user)).json('id'));
}

export default function (orderId: string): void {
  const name = __ENV.JOURNEY ?? '';
  const journey = JOURNEYS[name];
  if (!journey) throw new Error(`there is no journey ${name}`);
  const { status, headers, timings, body } = journey.ask(orderId);
  const answer = {
    journey: name,
    status,
    code: status >= 400 ? errorCode(body) : '',
    trace_id: headers['X-Trace-Id'] ?? '',
    ms: Math.round(timings.duration * 10) / 10,
    at: Date.now(),
    expected: status === journey.status,
  };
  console.info(`answer ${JSON.stringify(answer)}`);
}

/** Of a body in any of the formats of the error contract. */
function errorCode(body: unknown): string {
  try {
    const parsed = JSON.parse(String(body)) as {
      error_code?: string;
      code?: string;
      error?: { details?: { code?: string } };
    };
    return parsed.error_code ?? parsed.code ?? parsed.error?.details?.code ?? '';
  } catch {
    return '';
  }
}
