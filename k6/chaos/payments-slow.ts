/**
 * The payment provider takes longer than anybody waits.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import {
  answered,
  answeredBy,
  opens,
  SHOP_WORKS,
  staysFast,
} from '../../stack/src/chaos/probes.ts';

export default {
  title: 'The payment provider takes three seconds',
  description:
    'Charges take longer than their timeout, so nobody knows whether they were made. The circuit opens and orders are refused at once; those that were under way are settled later, and browsing is as fast as ever.',
  tags: ['breaker', 'timeout', 'short'],
  'steady-state-hypothesis': SHOP_WORKS,
  method: [
    {
      type: 'action',
      name: 'the provider takes 3 s',
      provider: {
        type: 'provider_fault',
        arguments: { route: 'POST /charges', kind: 'latency', latency_ms: 3_000 },
      },
      pauses: { after: 22 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 8, browse: 4 } },
      baseline_s: 6,
      during: [
        opens('payments', 'provider', 12),
        answeredBy(
          'orders are refused instead of kept waiting',
          'order',
          ['503 DEPENDENCY_UNAVAILABLE', '503 CIRCUIT_OPEN'],
          [0.7, 1],
          12,
        ),
        answered('the shop can be browsed all the while', 'browse', [0.95, 1]),
        staysFast('and as fast as ever', 'browse', 3),
      ],
      recovery_s: 12,
      after_s: 4,
      watch: ['payments/provider', 'orders/payments', 'gateway/orders', 'gateway/catalog'],
      protection: { name: 'the circuit of the provider', off: 'provider.breaker' },
    },
  ],
} satisfies Experiment;
