/**
 * `npm run bench -- stalls`: what else happened while an order was slow.
 *
 * Orders come at a steady rate; beside them runs a timeline of event loops, garbage collection,
 * checkpoints, WAL, disk and processors. The slices in which a slow order was under way are held
 * against the others: what was many times as much in them is the cause, or goes with it.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { TestStack } from '../stack/e2e/test-stack.ts';
import { type Order, placeOrders } from './order/place-orders.ts';
import { type Slice, Timeline } from './stalls/signals.ts';
import { quantile } from './statistics.ts';

const { values: given } = parseArgs({
  options: {
    rate: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '60' },
    'warm-up': { type: 'string', default: '20' },
    'every-ms': { type: 'string', default: '250' },
    json: { type: 'boolean', default: false },
  },
});
const [rate, seconds] = [Number(given.rate), Number(given.seconds)];
const SLOWEST = 15;

interface Compared {
  readonly name: string;
  readonly slow: number;
  readonly other: number;
  /** Standard deviations of all slices between the two means. */
  readonly apart: number;
}

const stack = new TestStack();
try {
  await stack.up();
  const url = stack.url('GATEWAY_PORT');
  await placeOrders(url, rate, Number(given['warm-up']));
  const timeline = new Timeline(stack, await stack.pids());
  await timeline.start(Number(given['every-ms']));
  const placed = await placeOrders(url, rate, seconds);
  await timeline.stop();
  const { slices } = timeline;
  // The slowest twentieth: at 15 orders a second for a minute these are 45.
  const limitMs = quantile(
    placed.each.map(({ ms }) => ms),
    0.95,
  );
  const slow = placed.each.filter(({ ms }) => ms > limitMs);
  const result = { ...placed, limitMs, compared: compare(slices, slow) };
  process.stdout.write(
    `${given.json ? JSON.stringify({ ...result, slices }) : render(result, slices)}\n`,
  );
} finally {
  await stack.down();
}

function overlaps(slice: Slice, { startedAt, ms }: Order): boolean {
  return startedAt < slice.toMs && startedAt + ms > slice.fromMs;
}

function compare(slices: readonly Slice[], slow: readonly Order[]): Compared[] {
  const inSlow = slices.filter((slice) => slow.some((order) => overlaps(slice, order)));
  const others = slices.filter((slice) => !inSlow.includes(slice));
  const names = Object.keys(slices[0]?.signals ?? {});
  return names
    .map((name) => {
      const values = (of: readonly Slice[]) => of.map(({ signals }) => signals[name] ?? 0);
      const [slowMean, otherMean, all] = [
        mean(values(inSlow)),
        mean(values(others)),
        values(slices),
      ];
      const deviation = Math.sqrt(mean(all.map((value) => (value - mean(all)) ** 2)));
      const apart = deviation === 0 ? 0 : (slowMean - otherMean) / deviation;
      return { name, slow: slowMean, other: otherMean, apart };
    })
    .sort((a, b) => b.apart - a.apart);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}

type Result = Awaited<ReturnType<typeof placeOrders>> & {
  readonly limitMs: number;
  readonly compared: readonly Compared[];
};

function render(
  { orders, failed, p50Ms, p99Ms, limitMs, each, compared }: Result,
  slices: readonly Slice[],
): string {
  const worst = [...each].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  const shown = compared.slice(0, 6).map(({ name }) => name);
  return [
    `Node ${process.version}, ${availableParallelism()} cores; ${orders} orders at ${rate} a second, ${failed.length} failed; ` +
      `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms; slow: over ${limitMs.toFixed(0)} ms`,
    '',
    `${''.padEnd(34)}${'while slow'.padStart(12)}${'else'.padStart(12)}${'deviations apart'.padStart(18)}`,
    ...compared.map(({ name, slow, other, apart }) =>
      [
        name.padEnd(34),
        slow.toFixed(2).padStart(12),
        other.toFixed(2).padStart(12),
        apart.toFixed(2).padStart(18),
      ].join(''),
    ),
    '',
    `the ${SLOWEST} slowest, and the most of each while they were under way:`,
    ...worst
      .sort((a, b) => a.startedAt - b.startedAt)
      .map((order) => {
        const around = slices.filter((slice) => overlaps(slice, order));
        const most = (name: string) =>
          Math.max(0, ...around.map(({ signals }) => signals[name] ?? 0));
        const at = ((order.startedAt - (slices[0]?.fromMs ?? 0)) / 1_000).toFixed(1);
        return [
          `${at.padStart(6)} s ${order.ms.toFixed(0).padStart(6)} ms`,
          ...shown.map((name) => `${name.replace(/,.*/, '')} ${most(name).toFixed(1)}`),
        ].join('  ');
      }),
  ].join('\n');
}
