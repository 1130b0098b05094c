/**
 * Steady requests through the gateway, so that every panel has something to show.
 *
 * @module
 */
import type { Addresses } from './backends.ts';
import type { Step } from './steps.ts';

/** Ticks a second: at each an order is placed, and an item or an order looked at. */
const TICKS = 4;
const TICK_MS = 1_000 / TICKS;
/** Longer than the gateway's deadline. */
const TIMEOUT_MS = 8_000;
/** The limit of otel/loki.yaml is 2 MB. */
const TOO_LONG = 'x'.repeat(2_200_000);

/** Sends requests for so many seconds; what they answer is for the telemetry to say. */
export async function traffic(
  at: Addresses,
  seconds: number,
  { clientErrors = false, longLines = false, orders = 1 }: Partial<Step>,
): Promise<void> {
  const pending: Promise<unknown>[] = [];
  let lastOrder: string | undefined;
  const send = (path: string, body?: object): Promise<string> => {
    const sent = fetch(`${at.gateway}${path}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body ? { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) } : {}),
    }).then((response) => response.text());
    const settled = sent.catch(() => '');
    pending.push(settled);
    return settled;
  };
  const order = (item: string, quantity: unknown) =>
    send('/orders', { user_id: 'user1', item_id: item, quantity });
  const startedAt = Date.now();
  for (let tick = 1; tick <= seconds * TICKS; tick++) {
    for (let i = 0; i < orders; i++) {
      void order('item1', 1).then((text) => {
        lastOrder = /"id":"([\w-]+)"/.exec(text)?.[1] ?? lastOrder;
      });
    }
    send(tick % 2 ? '/items' : '/items/item1');
    if (lastOrder && tick % 4 === 0) send(`/orders/${lastOrder}`);
    if (clientErrors) {
      send('/items/nowhere');
      order('item2', 10);
      order('item1', 'many');
    }
    if (longLines && tick % TICKS === 0) pending.push(pushTooLong(at.loki));
    const untilMs = startedAt + tick * TICK_MS - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, untilMs)));
  }
  await Promise.all(pending);
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** A line that Loki refuses, and counts. */
async function pushTooLong(loki: string): Promise<void> {
  const stream = { service_name: 'dashboards-verify', service_namespace: 'breakwater' };
  const streams = [{ stream, values: [[`${Date.now()}000000`, TOO_LONG]] }];
  const response = await fetch(`${loki}/loki/api/v1/push`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ streams }),
  });
  if (response.ok) throw new Error('Loki took a line beyond its limit: see max_line_size');
}
