/**
 * The database goes away for ten seconds.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, SHOP_WORKS } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'The database is stopped for ten seconds',
  description:
    'No service can read or write. Orders fail and say so; the gateway soon answers with the last good list of items, and everything works again by itself once the database is back.',
  tags: ['fallback', 'database'],
  'steady-state-hypothesis': SHOP_WORKS,
  method: [
    {
      type: 'action',
      name: 'PostgreSQL is stopped',
      provider: { type: 'process_fault', arguments: { process: 'postgres', kind: 'stop' } },
      pauses: { after: 14 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 8, browse: 8 } },
      baseline_s: 8,
      during: [
        answered('no order is paid without it', 'order', [0, 0.1], 3),
        answered('the shop shows its last list', 'browse', [0.8, 1], 8),
      ],
      recovery_s: 30,
      after_s: 5,
      watch: ['gateway/catalog', 'gateway/orders', 'orders/catalog', 'orders/payments'],
      protection: { name: 'the degraded mode of the gateway', off: 'gateway.mode' },
    },
  ],
} satisfies Experiment;
