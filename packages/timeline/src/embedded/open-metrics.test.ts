import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseOpenMetrics } from './open-metrics.ts';

const text = `# HELP service_errors Failed responses.
# TYPE service_errors counter
service_errors_total{http_route="/a,b}",error_code="A\\"B\\\\"} 3 # {trace_id="abc",span_id="d"} 1 1795229331.25
duration_bucket{le="+Inf"} 7
up 1
not a sample
# EOF
`;

test('series get the labels of their target, values and exemplars are numbers', () => {
  const { series, exemplars } = parseOpenMetrics(text, { service_name: 'orders' });
  const labels = {
    __name__: 'service_errors_total',
    http_route: '/a,b}',
    error_code: 'A"B\\',
    service_name: 'orders',
  };
  assert.deepEqual(series, [
    { labels, value: 3 },
    { labels: { __name__: 'duration_bucket', le: '+Inf', service_name: 'orders' }, value: 7 },
    { labels: { __name__: 'up', service_name: 'orders' }, value: 1 },
  ]);
  assert.deepEqual(exemplars, [
    { metric: 'service_errors_total', labels, traceId: 'abc', timeMs: 1_795_229_331_250 },
  ]);
});

test('what is kept of a page does not keep the page', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const rest = `# ${'x'.repeat(200_000)}\n`;
  const keep = (round: number) =>
    parseOpenMetrics(`${rest}up{breaker="a name of some length"} ${round}\n`, {}).series;
  const kept = [keep(0)];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let round = 1; round <= 100; round++) kept.push(keep(round));
  collect();
  const grownBytes = process.memoryUsage().heapUsed - before;
  assert.ok(grownBytes < 100 * 20_000, `${kept.length} pages hold ${grownBytes} bytes`);
});
