/**
 * Home: what is broken right now?
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { failureTable, TRACE_LINKS } from '../failure-table.ts';
import { BACKENDS, OURS, SLO } from '../metrics.ts';
import { accumulates, HEALTHY, moved, OF_ORDERS } from '../proof.ts';
import { byObjective, logql, promql } from '../queries.ts';
import { circuitStates, UP_MAPPING } from '../states.ts';

const BY_SERVICE = 'sum by (service_name)';

export const home: DashboardSpec = {
  uid: 'breakwater-home',
  title: 'Breakwater: what is broken right now?',
  description: 'Red or green for every service, circuit and objective, and the newest failures.',
  variables: [],
  sections: [
    {
      title: 'Is anything broken?',
      panels: [
        {
          kind: 'stat',
          title: 'Which services fail?',
          description:
            'Technical errors a second that each service answered with. Client and business errors are not counted: they are not ours to repair.',
          unit: 'reqps',
          queries: [
            promql(
              `${BY_SERVICE} (rate(${OURS.errors}{error_type="technical"}[$__rate_interval])) or ${BY_SERVICE} (${OURS.ready}) * 0`,
              { legend: '{{service_name}}' },
            ),
          ],
          width: 12,
          thresholds: [[0.001, 'red']],
          links: [
            {
              title: 'This service',
              url: '/d/breakwater-service?var-service=${__field.labels.service_name}&${__url_time_range}',
            },
          ],
          proof: moved('provider-503'),
        },
        {
          kind: 'stat',
          title: 'How many circuits refuse calls?',
          description: 'Circuits that are open or isolated, over all services.',
          unit: 'none',
          queries: [
            promql(`sum(${OURS.breakerStatus}{state=~"open|isolated"})`, { legend: 'circuits' }),
          ],
          width: 4,
          thresholds: [[1, 'red']],
          links: [{ title: 'Circuits', url: '/d/breakwater-circuits?${__url_time_range}' }],
          proof: moved('provider-503'),
        },
        {
          kind: 'stat',
          title: 'Which processes answer?',
          description: 'Whether Prometheus reaches each process.',
          unit: 'none',
          queries: [
            promql(`min by (service_name) (${BACKENDS.up}{service_name!=""})`, {
              legend: '{{service_name}}',
            }),
          ],
          width: 8,
          base: 'red',
          thresholds: [[1, 'green']],
          mappings: UP_MAPPING,
          proof: moved('jaeger-down', 'down'),
        },
        {
          kind: 'stat',
          title: 'How much error budget is left?',
          description:
            'Of each objective over its whole period; below zero the objective is missed. Those whose name ends in -demo have a period of an hour.',
          unit: 'percentunit',
          queries: [promql(byObjective('min', SLO.budgetLeft), { legend: '{{objective}}' })],
          width: 12,
          base: 'red',
          thresholds: [
            [0, 'yellow'],
            [0.25, 'green'],
          ],
          links: [{ title: 'Objectives', url: '/d/breakwater-slo?${__url_time_range}' }],
          proof: { ...accumulates('provider-503', 'down'), only: OF_ORDERS },
        },
        {
          kind: 'table',
          title: 'Which alerts fire?',
          description: 'Alerts of Prometheus that fire now; each names its panel and its runbook.',
          unit: 'none',
          queries: [
            promql(
              `sum by (alertname, severity, service_name, breaker, dependency, sloth_slo) (${BACKENDS.alerts}{alertstate="firing", severity!="none"})`,
              { instant: true, format: 'table' },
            ),
          ],
          width: 12,
          height: 5,
          noValue: 'none',
          transformations: [
            { id: 'organize', options: { excludeByName: { Time: true, Value: true } } },
          ],
          proof: moved('provider-503'),
        },
      ],
    },
    {
      title: 'What fails?',
      panels: [
        {
          kind: 'time',
          title: 'When did it begin, and with which error?',
          description:
            'Failed responses a second of each service by error code. A dot is one failure: click it for its trace.',
          unit: 'reqps',
          queries: [
            promql(`sum by (service_name, error_code) (rate(${OURS.errors}[$__rate_interval]))`, {
              legend: '{{service_name}} {{error_code}}',
              exemplar: true,
            }),
          ],
          width: 12,
          proof: moved('provider-503'),
        },
        {
          kind: 'table',
          title: 'Which routes and codes fail most?',
          description: 'The ten most frequent failures within the time shown.',
          unit: 'short',
          queries: [
            promql(
              `topk(10, sum by (service_name, http_route, error_code, error_type) (increase(${OURS.errors}[$__range])) > 0)`,
              { instant: true, format: 'table' },
            ),
          ],
          width: 12,
          height: 8,
          noValue: 'nothing failed',
          transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }],
          links: [
            {
              title: 'Failures with this code',
              field: 'error_code',
              url: '/d/breakwater-failures?var-error_code=${__value.raw}&${__url_time_range}',
            },
          ],
          proof: accumulates('provider-503'),
        },
        circuitStates({
          title: 'Which circuits are open?',
          description: 'The state of every circuit over time.',
          selector: '',
          width: 24,
          height: 6,
        }),
        {
          kind: 'table',
          title: 'Newest failures, and where does each lead?',
          description:
            'Error lines of all services, the newest first. The trace id leads to its trace and lines.',
          queries: [logql(failureTable('service_name=~".+"', 'error_type="technical"'))],
          width: 24,
          links: TRACE_LINKS,
          transformations: failureTable.columns,
          proof: accumulates('provider-503'),
        },
      ],
    },
    {
      title: 'Is there traffic at all?',
      panels: [
        {
          kind: 'time',
          title: 'How many requests does each service answer?',
          description: 'Answers a second. Everything above is green as well when nobody asks.',
          unit: 'reqps',
          queries: [
            promql(`${BY_SERVICE} (rate(${OURS.requestDuration}_count[$__rate_interval]))`, {
              legend: '{{service_name}}',
            }),
          ],
          width: 24,
          proof: HEALTHY,
        },
      ],
    },
  ],
};
