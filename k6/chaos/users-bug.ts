/**
 * A bug strikes one sign-up in ten.
 *
 * @module
 */
import type { Experiment } from '../../stack/src/chaos/experiment.ts';
import { answered, answeredBy } from '../../stack/src/chaos/probes.ts';

export default {
  title: 'A bug strikes one sign-up in ten',
  description:
    'POST /users throws an unexpected ValueError in 10 % of all calls. Those are answered 500 with a trace id and no detail, all others as ever, and nobody else notices. Wants FAULT_INJECTION=on.',
  tags: ['bug', 'short'],
  'steady-state-hypothesis': {
    title: 'Users can sign up and browse',
    probes: [
      answered('users can sign up', 'sign up', [0.95, 1]),
      answered('the shop can be browsed', 'browse', [0.95, 1]),
    ],
  },
  method: [
    {
      type: 'action',
      name: 'POST /users throws a ValueError',
      provider: {
        type: 'service_fault',
        service: 'users',
        arguments: {
          route: 'POST /users',
          kind: 'exception',
          error: 'ValueError',
          rate: 0.1,
          seed: 1,
        },
      },
      pauses: { after: 20 },
    },
  ],
  rollbacks: [],
  extensions: [
    {
      name: 'breakwater',
      needs: 'FAULT_INJECTION',
      load: { rates: { 'sign up': 10, browse: 4 } },
      baseline_s: 6,
      during: [
        answeredBy('one in ten ends in a bug', 'sign up', ['502 BAD_GATEWAY'], [0.03, 0.2]),
        answered('the others sign up', 'sign up', [0.8, 0.97]),
        answered('the shop can be browsed all the while', 'browse', [0.95, 1]),
      ],
      recovery_s: 10,
      after_s: 4,
      watch: ['gateway/users', 'gateway/catalog'],
      protection: { name: 'none: it shows what a bug looks like', off: null },
    },
  ],
} satisfies Experiment;
