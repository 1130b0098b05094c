/**
 * A day of samples with the label sets that a running stack has.
 *
 * @module
 */
import type { Backends, Series } from '../../dashboards/src/live/backends.ts';

/** One series, with what makes its value at any time. */
export interface Shape {
  /** As the exposition format writes it: `name{label="value",…}`. */
  readonly text: string;
  readonly valueAt: (timeS: number) => number;
}

const DAY_S = 86_400;
/** When counters began: any time before the day. */
const BEGIN_S = 1_750_000_000;
/** Every two hours something fails for ten minutes. */
const OUTAGE_EVERY_S = 7_200;
const OUTAGE_S = 600;
/** A counter's rate over the day: half of it at night, half more by day. */
const SWING = 0.5;
const FAILURES = /error|reject|retr|transition|fallback|drop|discard|lost|broken|5\d\d/;

/** The series of the metrics, as they were over the last seconds of a stack that runs. */
export async function shapesOf(
  backends: Backends,
  metrics: readonly string[],
  lastS: number,
): Promise<Shape[]> {
  const nowS = Math.floor(Date.now() / 1_000);
  const shapes: Shape[] = [];
  for (const metric of metrics) {
    const range = { fromS: nowS - lastS, toS: nowS };
    for (const each of await backends.prometheusRange(`{__name__="${metric}"}`, range, 5)) {
      shapes.push(shapeOf(each));
    }
  }
  return shapes;
}

function shapeOf({ labels, points }: Series): Shape {
  const { __name__: name = '', ...rest } = labels;
  const [first, last] = [points[0]?.[1] ?? 0, points.at(-1)?.[1] ?? 0];
  const seconds = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0) || 1;
  const pairs = Object.entries(rest).map(
    ([key, value]) => `${named(key)}=${JSON.stringify(value)}`,
  );
  const text = pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name;
  const failing = FAILURES.test(text);
  if (/_(total|bucket|count|sum)$/.test(name)) {
    const rate = Math.max(0, last - first) / seconds;
    const whole = !name.endsWith('_sum') && Number.isInteger(last);
    const grown = failing ? outageSeconds : busySeconds;
    return { text, valueAt: (t) => round(rate * grown(t - BEGIN_S), whole) };
  }
  if (name.endsWith('circuit_breaker_status')) {
    const inOutage = rest.state === 'open' ? 1 : 0;
    return { text, valueAt: (t) => (isOutage(t) ? inOutage : rest.state === 'closed' ? 1 : 0) };
  }
  const phase = [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  if (Number.isInteger(last) && last < 1_000) return { text, valueAt: () => last };
  return { text, valueAt: (t) => round(last * (1 + 0.2 * Math.sin(t / 300 + phase)), false) };
}

/** Names with dots are quoted. */
function named(label: string): string {
  return /^\w+$/.test(label) ? label : JSON.stringify(label);
}

/** Seconds at the usual rate that make as much traffic as there was until then. */
function busySeconds(t: number): number {
  return t + ((SWING * DAY_S) / (2 * Math.PI)) * Math.sin((2 * Math.PI * t) / DAY_S);
}

/** Seconds of outages until then. */
function outageSeconds(t: number): number {
  return Math.floor(t / OUTAGE_EVERY_S) * OUTAGE_S + Math.min(t % OUTAGE_EVERY_S, OUTAGE_S);
}

export function isOutage(t: number): boolean {
  return t % OUTAGE_EVERY_S < OUTAGE_S;
}

function round(value: number, whole: boolean): number {
  return whole ? Math.round(value) : Number(value.toPrecision(9));
}
