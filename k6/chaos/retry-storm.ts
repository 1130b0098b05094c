/**
 * A provider that fails now and then is asked again, but not without end.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, chargesPerOrder, grows } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'The payment provider fails one charge in three',
  description:
    'Too few failures to open the circuit, and enough for retries to become a burden. The budget mends what it can and refuses the rest, so that a provider in trouble gets little more than was offered.',
  tags: ['retry', 'budget', 'short'],
  'steady-state-hypothesis': {
    title: 'Orders are paid',
    probes: [answered('orders are paid', 'order', [0.95, 1])],
  },
  method: [
    {
      type: 'action',
      name: 'the provider fails 36 % of all charges',
      provider: {
        type: 'provider_fault',
        arguments: { route: 'POST /charges', kind: 'status', status: 503, rate: 0.36, seed: 1 },
      },
      pauses: { after: 22 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 20 } },
      baseline_s: 6,
      during: [
        grows(
          'the budget refuses retries',
          'payments',
          'resilience_retries_skipped_total',
          { dependency: 'provider', reason: 'budget' },
          1,
        ),
        chargesPerOrder('the provider gets little more than was offered', [1, 1.33]),
        answered('at least half of the orders are paid all the same', 'order', [0.5, 1]),
      ],
      recovery_s: 10,
      after_s: 4,
      watch: ['payments/provider', 'orders/payments'],
      protection: { name: 'the retry budget of the provider', off: 'provider.budget' },
    },
  ],
} satisfies Experiment;
