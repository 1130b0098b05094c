import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSelector } from './selector.ts';

const labels = { __name__: 'service_errors_total', http_route: '/items/{id}', error_code: 'A"B' };

for (const [selector, matches] of [
  ['service_errors_total', true],
  ['service_errors', false],
  ['service_errors_total{}', true],
  ['service_errors_total{http_route="/items/{id}",error_code="A\\"B"}', true],
  ['service_errors_total{error_code!="A"}', true],
  ['service_errors_total{error_code=~"A.*", http_route=~"/items"}', false],
  ['service_errors_total{absent=""}', true],
  ['service_errors_total{http_route!~"/items.*"}', false],
] as const) {
  test(`${selector} ${matches ? 'matches' : 'does not match'}`, () => {
    assert.equal(parseSelector(selector)(labels), matches);
  });
}

for (const selector of ['rate(x[5m])', 'x{a="b"} > 0', 'x{a=b}', 'x{a="b"c="d"}', '']) {
  test(`${selector || 'nothing'} is no selector`, () => {
    assert.throws(() => parseSelector(selector), TypeError);
  });
}
