/**
 * Messages that hang must not hold orders up.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, grows, staysFast } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'Messages to users hang',
  description:
    'Whoever delivers messages never answers. Ten calls wait at most, the others are turned away at once, and orders are paid as fast as ever.',
  tags: ['bulkhead', 'short'],
  'steady-state-hypothesis': {
    title: 'Orders are paid',
    probes: [answered('orders are paid', 'order', [0.95, 1])],
  },
  method: [
    {
      type: 'action',
      name: 'deliveries hang',
      provider: {
        type: 'provider_fault',
        arguments: { route: 'POST /deliveries', kind: 'hang' },
      },
      pauses: { after: 12 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 30 } },
      baseline_s: 6,
      during: [
        answered('orders are paid all the while', 'order', [0.95, 1]),
        staysFast('and about as fast as ever', 'order', 3),
        grows(
          'the bulkhead turns messages away',
          'orders',
          'resilience_rejections_total',
          { dependency: 'notifications', reason: 'bulkhead_wait' },
          1,
        ),
      ],
      recovery_s: 10,
      after_s: 4,
      watch: ['orders/notifications', 'notifications/delivery', 'orders/payments'],
      protection: { name: 'the bulkhead of notifications', off: 'notifications.bulkhead' },
    },
  ],
} satisfies Experiment;
