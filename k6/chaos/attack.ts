/**
 * Twenty calls to a peer of which half fail.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, answeredBy, closed, opens, staysFast } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'Twenty calls to a peer of which half fail',
  description:
    'GET /call-external asks a peer that fails by chance, here by a seed, so that the same calls fail each time. The circuit opens at three failures in a row; from then on callers are refused at once instead of asking in vain, and ten seconds later one probe decides.',
  tags: ['breaker', 'short', 'embedded'],
  'steady-state-hypothesis': {
    title: 'The circuit is closed and the shop can be browsed',
    probes: [closed('gateway', 'external'), answered('the shop can be browsed', 'browse', [1, 1])],
  },
  method: [
    {
      type: 'action',
      name: 'calls fail by a seed',
      provider: { type: 'seed', seed: 20, afterwards: 48919 },
      pauses: { after: 8 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      load: { calls: 20, journey: 'call external', steady: 'browse', every_ms: 200 },
      baseline_s: 3,
      during: [
        {
          type: 'probe',
          name: 'twenty calls are made',
          tolerance: { type: 'range', range: [20, 20] },
          provider: { type: 'load', journey: 'call external', measure: 'requests' },
        },
        opens('gateway', 'external', 8),
        answeredBy(
          'callers are refused instead of asking in vain',
          'call external',
          ['503 CIRCUIT_OPEN'],
          [0.3, 1],
        ),
        staysFast('nobody waits long', 'call external', 3),
      ],
      recovery_s: 45,
      after_s: 3,
      watch: ['gateway/external'],
      protection: { name: 'the circuit of the peer', off: 'external.breaker' },
    },
  ],
} satisfies Experiment;
