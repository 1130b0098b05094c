/**
 * The network between orders and payments breaks.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, opens, SHOP_WORKS } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'The network between orders and payments breaks',
  description:
    'Every connection from orders to payments is reset. Orders fail, their circuit opens, and the rest of the shop does not notice. Wants NETWORK_FAULTS=on.',
  tags: ['breaker', 'network', 'short'],
  'steady-state-hypothesis': SHOP_WORKS,
  method: [
    {
      type: 'action',
      name: 'connections to payments are reset',
      provider: {
        type: 'network_fault',
        arguments: { proxy: 'orders-to-payments', kind: 'reset' },
      },
      pauses: { after: 15 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      needs: 'NETWORK_FAULTS',
      load: { rates: { order: 8, browse: 4 } },
      baseline_s: 6,
      during: [
        opens('orders', 'payments', 10),
        answered('no order is paid without it', 'order', [0, 0.1], 2),
        answered('the shop can be browsed all the while', 'browse', [0.95, 1]),
      ],
      recovery_s: 15,
      after_s: 4,
      watch: ['orders/payments', 'payments/provider', 'gateway/orders', 'gateway/catalog'],
      protection: { name: 'the circuit of payments', off: 'payments.breaker' },
    },
  ],
} satisfies Experiment;
