/**
 * One way to ask the peer, in a process of its own with all of its telemetry: within the span of a
 * request, through a policy, and with the response checked.
 *
 * @module
 */
import { createClient } from '@breakwater/client';
import { item } from '@breakwater/contracts';
import { CatalogService } from '@breakwater/contracts/catalog/v1';
import { createGrpcClient } from '@breakwater/grpc';
import { type DependencyOptions, formatDeadline, Resilience } from '@breakwater/resilience';
import { trace } from '@opentelemetry/api';
import { quantile } from '../statistics.ts';

/** One measurement to make. */
export interface RpcOrder {
  readonly calls: number;
  /** Calls in flight at once. */
  readonly concurrency: number;
}

/** What came of it. */
export interface RpcResult {
  readonly cpuUs: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const [way = '', restUrl = '', grpcUrl = ''] = process.argv.slice(2);
const policy: DependencyOptions = { timeoutMs: 5_000, idempotent: true, bulkhead: false };
const shared = { name: 'catalog', resilience: new Resilience(), policy } as const;

/** How an item is asked for. */
const WAYS: Readonly<Record<string, () => (id: string) => Promise<unknown>>> = {
  fetch: () => {
    const dependency = shared.resilience.dependency('catalog', policy);
    return (id) =>
      dependency.execute(async ({ signal, deadline }) => {
        const headers = { 'x-deadline-ms': formatDeadline(deadline) };
        const response = await fetch(`${restUrl}/items/${id}`, { headers, signal });
        return item.parse(await response.json());
      });
  },
  undici: () => {
    const client = createClient({ baseUrl: restUrl, ...shared });
    return (id) => client.call({ method: 'GET', path: `/items/${id}`, response: item });
  },
  grpc: () => {
    const client = createGrpcClient({ url: grpcUrl, ...shared });
    const { getItem } = CatalogService.method;
    return (id) =>
      client.call(
        getItem,
        { id },
        {
          idempotent: true,
          read: ({ item: found }) => item.parse({ ...found, price_cents: found?.priceCents }),
        },
      );
  },
};

const ask = WAYS[way]?.();
if (!ask) throw new Error(`there is no way ${way}`);
const tracer = trace.getTracer('bench');

process.on(
  'message',
  (order: RpcOrder) => void run(order).then((result) => process.send?.(result)),
);
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function run({ calls, concurrency }: RpcOrder): Promise<RpcResult> {
  const latencies: number[] = [];
  const started = performance.now();
  const before = process.cpuUsage();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) {
      await tracer.startActiveSpan('request', async (span) => {
        const sentAt = performance.now();
        await ask?.('item1');
        latencies.push(performance.now() - sentAt);
        span.end();
      });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(before);
  return {
    cpuUs: user + system,
    seconds: (performance.now() - started) / 1_000,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}
