/**
 * The telemetry goes away, piece by piece.
 *
 * @module
 */
import type { Action, Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, SHOP_WORKS, staysFast, staysSilent } from '../../stack/src/chaos/probes.ts';

const away = (process: string, kind: 'stop' | 'kill', after: number): Action => ({
  type: 'action',
  name: `${process} is ${kind === 'stop' ? 'stopped' : 'killed'}`,
  provider: { type: 'process_fault', arguments: { process, kind } },
  pauses: { after },
});

const back = (process: string, after: number): Action => ({
  type: 'action',
  name: `${process} is back`,
  provider: { type: 'undo' },
  pauses: { after },
});

export default {
  title: 'Loki, the collector, Jaeger and Prometheus go away in turn',
  description:
    'Loki stops, and the collector is killed while it holds lines for it; then Jaeger, Prometheus and the collector stop. Requests do not notice, and no line is lost.',
  tags: ['telemetry'],
  'steady-state-hypothesis': SHOP_WORKS,
  method: [
    away('loki', 'stop', 8),
    away('collector', 'kill', 6),
    back('Loki and the collector', 20),
    away('jaeger', 'stop', 6),
    back('Jaeger', 6),
    away('prometheus', 'stop', 6),
    back('Prometheus', 6),
    away('collector', 'stop', 6),
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { rates: { order: 4, browse: 4, 'missing item': 4 } },
      baseline_s: 8,
      during: [
        answered('orders are paid all the while', 'order', [0.95, 1]),
        answered('the shop can be browsed all the while', 'browse', [0.95, 1]),
        staysFast('orders are about as fast as ever', 'order', 3),
        staysSilent('CircuitOpen'),
        staysSilent('TechnicalErrors'),
        {
          type: 'probe',
          name: 'no line is lost',
          tolerance: { type: 'range', range: [0, 0] },
          provider: { type: 'lost_lines' },
        },
      ],
      recovery_s: 20,
      after_s: 5,
      watch: ['gateway/catalog', 'gateway/orders', 'orders/payments'],
      protection: { name: "the collector's queue on disk", off: null },
    },
  ],
} satisfies Experiment;
