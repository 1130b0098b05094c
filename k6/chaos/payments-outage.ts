/**
 * The payment provider is down.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import {
  answered,
  answeredBy,
  chargesPerOrder,
  fires,
  opens,
  SHOP_WORKS,
} from '../../stack/src/chaos/probes.ts';

export default {
  title: 'The payment provider is down',
  description:
    'Every charge is answered 503. Orders cannot be paid, so they fail; but they fail at once instead of waiting, the provider is left in peace, and nothing else notices.',
  tags: ['breaker'],
  'steady-state-hypothesis': SHOP_WORKS,
  method: [
    {
      type: 'action',
      name: 'the provider answers 503',
      provider: {
        type: 'provider_fault',
        arguments: { route: 'POST /charges', kind: 'status', status: 503 },
      },
      pauses: { after: 60 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 8, browse: 4, 'missing item': 10 } },
      baseline_s: 10,
      during: [
        opens('payments', 'provider', 15),
        answeredBy(
          'orders are told that a dependency is unavailable',
          'order',
          ['503 DEPENDENCY_UNAVAILABLE', '503 CIRCUIT_OPEN'],
          [0.95, 1],
          15,
        ),
        chargesPerOrder('the provider is left in peace', [0, 0.6]),
        answered('the shop can be browsed all the while', 'browse', [0.95, 1]),
        fires('CircuitOpen'),
      ],
      recovery_s: 15,
      after_s: 5,
      watch: ['payments/provider', 'orders/payments', 'gateway/orders', 'gateway/catalog'],
      join: { at_least: 1000 },
      protection: { name: 'the circuit of the provider', off: 'provider.breaker' },
    },
  ],
} satisfies Experiment;
