/**
 * Trace-correlated failures: every failing request, with the way to its trace.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { failureTable, TRACE_LINKS, WITH_CODE } from '../failure-table.ts';
import { OURS } from '../metrics.ts';
import { accumulates, moved } from '../proof.ts';
import { logql, promql } from '../queries.ts';
import { circuitStates } from '../states.ts';
import * as variables from '../variables.ts';

const LINES = `{service_name=~"$service"} ${WITH_CODE} | error_code=~"$error_code" | error_code!=""`;

export const failures: DashboardSpec = {
  uid: 'breakwater-failures',
  title: 'Breakwater: trace-correlated failures',
  description: 'Every failing request with its code, its message and its trace.',
  variables: [variables.service, variables.errorCode, variables.interval],
  sections: [
    {
      title: 'What failed?',
      panels: [
        {
          kind: 'table',
          title: 'Which requests failed, and what is their trace?',
          description:
            'One row is one error line. The trace id leads to the trace, its log lines and the circuits it met.',
          queries: [
            logql(
              failureTable(
                'service_name=~"$service"',
                'error_code=~"$error_code" | error_code!=""',
              ),
            ),
          ],
          width: 24,
          height: 12,
          links: TRACE_LINKS,
          transformations: failureTable.columns,
          proof: accumulates('client-errors'),
        },
        {
          kind: 'time',
          title: 'Which codes, and when?',
          description:
            'Failed responses a second by code, counted in the services. A dot leads to a trace.',
          unit: 'reqps',
          queries: [
            promql(
              `sum by (error_code) (rate(${OURS.errors}{service_name=~"$service", error_code=~"$error_code"}[$__rate_interval]))`,
              { legend: '{{error_code}}', exemplar: true },
            ),
          ],
          width: 12,
          proof: moved('provider-503'),
        },
        {
          kind: 'time',
          title: 'Do the log lines agree?',
          description:
            'Error lines per interval by code: one a failed response, in the service that answered.',
          unit: 'none',
          queries: [
            logql(`sum by (error_code) (count_over_time(${LINES} [$interval]))`, {
              legend: '{{error_code}}',
            }),
          ],
          width: 12,
          proof: moved('provider-503'),
        },
      ],
    },
    {
      title: 'What did they meet?',
      panels: [
        {
          kind: 'time',
          title: 'Which dependency did not answer?',
          description: 'Calls a second that failed or were refused, by dependency.',
          unit: 'ops',
          queries: [
            promql(
              `sum by (service_name, dependency, outcome) (rate(${OURS.calls}{service_name=~"$service", outcome=~"failure|rejected"}[$__rate_interval]))`,
              { legend: '{{service_name}} → {{dependency}} {{outcome}}', exemplar: true },
            ),
          ],
          width: 12,
          proof: moved('provider-503'),
        },
        circuitStates({
          title: 'Which circuit state did they meet?',
          description: 'The state of the circuits of the services chosen.',
          selector: 'service_name=~"$service"',
          width: 12,
        }),
        {
          kind: 'logs',
          title: 'What do the lines say, whole?',
          description: 'The error lines with all their fields: causes, context, stack.',
          queries: [logql(LINES)],
          width: 24,
          proof: accumulates('client-errors'),
        },
      ],
    },
  ],
};
