/**
 * The mix of a real day, and who is in the shop.
 *
 * @module
 */
import { sleep } from 'k6';
import execution from 'k6/execution';
import {
  browse,
  missingItem,
  order,
  orderStatus,
  outOfStock,
  signUp,
  viewItem,
  wrongInput,
} from './journeys.ts';
import { schedule } from './schedule.ts';

/** Of a hundred requests; the last three are what clients get wrong. */
const WEIGHTS = {
  browse: 40,
  viewItem: 15,
  order: 25,
  orderStatus: 10,
  signUp: 4,
  wrongInput: 3,
  missingItem: 2,
  outOfStock: 1,
};

/** Somebody with an account and an order. */
export interface Shopper {
  readonly userId: string;
  readonly orderId: string;
}

const TURNS = schedule(WEIGHTS);

/** Part of every address that a run signs up, so that no two runs ask for the same. */
const TEST_ID = (__ENV.TESTID || `k6-${Date.now()}`).toLowerCase();

/** Whoever this virtual user has been most recently. */
let lately: Partial<Shopper> = {};

/** A system that has just begun, or has just been asked for too much, gets this many seconds. */
const PATIENCE_S = 10;

/** The first customer, who signs up and orders; k6 runs it once and hands it to everybody. */
export function openShop(): Shopper {
  let answers = '';
  for (let second = 0; second < PATIENCE_S; second++) {
    const user = signUp(`${TEST_ID}-first-${second}@example.org`);
    const first = user.status === 201 ? order(String(user.json('id'))) : undefined;
    if (first?.status === 201) {
      return { userId: String(user.json('id')), orderId: String(first.json('id')) };
    }
    answers = `signing up was answered ${user.status}, ordering ${first?.status ?? 'not tried'}`;
    sleep(1);
  }
  throw new Error(`no day can begin: ${answers}`);
}

/** One request of the day. */
export function day(first: Shopper): void {
  const { iterationInTest, name } = execution.scenario;
  const { userId = first.userId, orderId = first.orderId } = lately;
  const journeys: Record<keyof typeof WEIGHTS, () => void> = {
    browse,
    viewItem,
    order: () => {
      const placed = order(userId);
      if (placed.status === 201) lately = { userId, orderId: String(placed.json('id')) };
    },
    orderStatus: () => orderStatus(orderId),
    signUp: () => {
      const user = signUp(`${TEST_ID}-${name}-${iterationInTest}@example.org`);
      if (user.status === 201) lately = { ...lately, userId: String(user.json('id')) };
    },
    wrongInput,
    missingItem,
    outOfStock,
  };
  const turn = TURNS[iterationInTest % TURNS.length];
  if (turn) journeys[turn]();
}
