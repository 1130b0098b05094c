import { registry } from '@breakwater/otel';
import { Resilience } from '../src/index.ts';

async function ba(name: string, f: (n: number) => Promise<void>, n = 200000) {
  let best = 1e9;
  for (let r = 0; r < 7; r++) {
    const t = process.threadCpuUsage();
    await f(n);
    const u = process.threadCpuUsage(t);
    best = Math.min(best, ((u.user + u.system) * 1e3) / n);
  }
  console.log(name.padEnd(40), best.toFixed(0), 'ns');
}
const fn = async () => 1;
const bare = new Resilience({ registry: false, spanEvents: false });
const metrics = new Resilience({ registry, spanEvents: false });
const a = bare.dependency('a');
const b = metrics.dependency('b');
const o = bare.dependency('o');
o.isolate({ by: 'x', why: 'y', forMs: 80000000 });
const om = metrics.dependency('om');
om.isolate({ by: 'x', why: 'y', forMs: 80000000 });
await ba('bare', async (n) => {
  for (let i = 0; i < n; i++) await fn();
});
await ba('ours', async (n) => {
  for (let i = 0; i < n; i++) await a.execute(fn);
});
await ba('ours metrics', async (n) => {
  for (let i = 0; i < n; i++) await b.execute(fn);
});
await ba('ours signal', async (n) => {
  const f = async ({ signal }: any) => signal;
  for (let i = 0; i < n; i++) await a.execute(f);
});
await ba('rejection', async (n) => {
  for (let i = 0; i < n; i++)
    try {
      await o.execute(fn);
    } catch {}
});
await ba('rejection metrics', async (n) => {
  for (let i = 0; i < n; i++)
    try {
      await om.execute(fn);
    } catch {}
});
