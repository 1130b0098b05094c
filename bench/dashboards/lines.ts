/**
 * A day of log lines in Loki, made of lines that a running stack wrote.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Backends, Line } from '../../dashboards/src/live/backends.ts';
import { isOutage } from './series.ts';

const DAY_S = 86_400;
const BATCH_S = 300;
const INDEX_LABELS = ['service_name', 'service_namespace', 'deployment_environment_name'];
/** Failed requests among the lines, in outages and beside them. */
const SHARE_FAILED = { outage: 0.4, otherwise: 0.01 };

/** Real lines to take a day's lines from: the failed requests, and all. */
export async function sampleLines(backends: Backends, lastS: number) {
  const toS = Date.now() / 1_000;
  const range = { fromS: toS - lastS, toS };
  const of = async (expr: string) => (await backends.loki(expr, range, 5, 2_000)).lines;
  return {
    failed: await of('{service_namespace="breakwater"} | error_code != ""'),
    other: await of('{service_namespace="breakwater"} | error_code = ""'),
  };
}

/**
 * Pushes lines with the times of the day before `endS`, and has Loki write them to disk: it looks
 * for what is old nowhere else.
 *
 * @returns how many
 */
export async function pushDay(
  loki: string,
  { failed, other }: Awaited<ReturnType<typeof sampleLines>>,
  perSecond: number,
  endS: number,
): Promise<number> {
  let pushed = 0;
  for (let fromS = endS - DAY_S; fromS < endS; fromS += BATCH_S) {
    const streams = new Map<string, { stream: object; values: unknown[] }>();
    for (let i = 0; i < BATCH_S * perSecond; i++) {
      const timeS = fromS + i / perSecond;
      const share = isOutage(timeS) ? SHARE_FAILED.outage : SHARE_FAILED.otherwise;
      const line = pick((pushed * 0.618) % 1 < share ? failed : other, pushed);
      const { stream, value } = moved(line, timeS, pushed);
      const key = JSON.stringify(stream);
      const known = streams.get(key) ?? { stream, values: [] };
      known.values.push(value);
      streams.set(key, known);
      pushed++;
    }
    await post(`${loki}/loki/api/v1/push`, { streams: [...streams.values()] });
  }
  await post(`${loki}/flush`, {});
  return pushed;
}

function pick(lines: readonly Line[], i: number): Line {
  const line = lines[(i * 7_919) % lines.length];
  if (!line) throw new Error('the stack wrote no lines to make a day of');
  return line;
}

/** The line at another time, as part of another trace. */
function moved({ labels, text }: Line, timeS: number, i: number) {
  const { trace_id: oldTrace, ...others } = labels;
  const traceId = randomBytes(16).toString('hex');
  const isIndex = ([name]: [string, string]) => INDEX_LABELS.includes(name);
  const stream = Object.fromEntries(Object.entries(others).filter(isIndex));
  const metadata = Object.fromEntries(Object.entries(others).filter((each) => !isIndex(each)));
  const nanoseconds = `${Math.floor(timeS * 1_000)}${String(i % 1_000_000).padStart(6, '0')}`;
  const body = oldTrace ? text.replaceAll(oldTrace, traceId) : text;
  return { stream, value: [nanoseconds, body, { ...metadata, trace_id: traceId }] };
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
