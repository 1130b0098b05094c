/**
 * A service crashes, and then stays away.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, grows } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'Users crashes, and then stays away for a while',
  description:
    'An order shows who placed it. Without users a replica tells, else an answer from before: no order fails for want of a name, and none is held up.',
  tags: ['fallback', 'crash', 'short'],
  'steady-state-hypothesis': {
    title: 'Orders are paid and can be looked at',
    probes: [
      answered('orders are paid', 'order', [0.95, 1]),
      answered('orders can be looked at', 'order status', [0.95, 1]),
    ],
  },
  method: [
    {
      type: 'action',
      name: 'users is killed',
      provider: { type: 'process_fault', arguments: { process: 'users', kind: 'kill' } },
      pauses: { after: 5 },
    },
    { type: 'action', name: 'users is back', provider: { type: 'undo' }, pauses: { after: 4 } },
    {
      type: 'action',
      name: 'users is stopped',
      provider: { type: 'process_fault', arguments: { process: 'users', kind: 'stop' } },
      pauses: { after: 9 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 5, 'order status': 8, 'missing item': 1 } },
      baseline_s: 6,
      during: [
        answered('orders are paid all the while', 'order', [0.95, 1]),
        answered('orders can be looked at all the while', 'order status', [0.95, 1]),
        grows(
          'the replica tells the name',
          'orders',
          'resilience_fallbacks_total',
          { dependency: 'users', source: 'fallback' },
          1,
        ),
      ],
      recovery_s: 12,
      after_s: 4,
      watch: ['orders/users', 'orders/users-replica', 'gateway/users'],
      protection: { name: 'the fallback for names', off: 'users.fallback' },
    },
  ],
} satisfies Experiment;
