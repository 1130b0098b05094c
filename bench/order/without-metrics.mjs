/**
 * Loaded before a service that is to count nothing: prom-client's metrics take no value any more.
 *
 * @module
 */
import { Counter, Gauge, Histogram } from 'prom-client';

const nothing = () => {};
for (const { prototype } of [Counter, Gauge, Histogram]) {
  for (const method of ['inc', 'dec', 'set', 'observe', 'observeWithoutExemplar']) {
    if (method in prototype) prototype[method] = nothing;
  }
}
