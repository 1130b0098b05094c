/**
 * SLO: objectives per user journey, what is left of their budgets, how fast they burn.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { SLO } from '../metrics.ts';
import { accumulates, HEALTHY, OF_ORDERS } from '../proof.ts';
import { byObjective, promql } from '../queries.ts';

const LEGEND = '{{objective}}';

export const slo: DashboardSpec = {
  uid: 'breakwater-slo',
  title: 'Breakwater: objectives',
  description:
    'What is promised to users, and what is left of it. Objectives whose name ends in -demo have short windows, so that a burn is seen within a minute; they are no promise to anybody.',
  variables: [],
  from: 'now-1h',
  sections: [
    {
      title: 'Objectives',
      panels: [
        {
          kind: 'stat',
          title: 'What is promised?',
          description: 'The share of good requests that each objective asks for.',
          unit: 'percentunit',
          queries: [promql(`max by (sloth_slo) (${SLO.objective})`, { legend: '{{sloth_slo}}' })],
          width: 12,
          base: 'text',
          proof: HEALTHY,
        },
        {
          kind: 'stat',
          title: 'How much budget is left?',
          description: 'Of the errors that the objective allows over its period.',
          unit: 'percentunit',
          queries: [promql(byObjective('min', SLO.budgetLeft), { legend: LEGEND })],
          width: 12,
          base: 'red',
          thresholds: [
            [0, 'yellow'],
            [0.25, 'green'],
          ],
          proof: { ...accumulates('provider-503', 'down'), only: OF_ORDERS },
        },
        {
          kind: 'time',
          title: 'How fast does it burn now?',
          description:
            '1 uses the budget up exactly within the period; 14.4 uses 2 % of 30 days in an hour.',
          unit: 'none',
          queries: [promql(byObjective('max', SLO.burnRate), { legend: LEGEND })],
          width: 12,
          thresholds: [
            [1, 'yellow'],
            [14.4, 'red'],
          ],
          proof: { ...accumulates('provider-503'), only: OF_ORDERS },
        },
        {
          kind: 'time',
          title: 'How fast did it burn over the period?',
          description: 'The same over the whole period: above 1 the objective is missed.',
          unit: 'none',
          queries: [promql(byObjective('max', SLO.periodBurnRate), { legend: LEGEND })],
          width: 12,
          thresholds: [[1, 'red']],
          proof: { ...accumulates('provider-503'), only: OF_ORDERS },
        },
        {
          kind: 'time',
          title: 'What share of requests was bad?',
          description: 'Over the last five minutes, as each objective counts good and bad.',
          unit: 'percentunit',
          queries: [promql(byObjective('max', SLO.errorRatio), { legend: LEGEND })],
          width: 24,
          proof: { ...accumulates('provider-503'), only: OF_ORDERS },
        },
      ],
    },
  ],
};
