/**
 * Load and experiments: what the load generator saw beside what the services saw.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { K6, OURS } from '../metrics.ts';
import { HEALTHY } from '../proof.ts';
import { promql } from '../queries.ts';
import * as variables from '../variables.ts';

const TEST = 'testid=~"$testid"';
const ASKED = 'service_name=~"$service"';

export const load: DashboardSpec = {
  uid: 'breakwater-load',
  title: 'Breakwater: load and experiments',
  description: 'k6’s view beside that of the services: choose the one that k6 asks.',
  variables: [variables.testId, variables.service],
  sections: [
    {
      title: 'Does what the client saw agree with what the services say?',
      panels: [
        {
          kind: 'time',
          title: 'How many requests, sent and answered?',
          description: 'Requests a second that k6 sent, and that each service answered.',
          unit: 'reqps',
          queries: [
            promql(`sum by (testid) (rate(${K6.requests}{${TEST}}[$__rate_interval]))`, {
              legend: 'k6 {{testid}}',
            }),
            promql(
              `sum by (service_name) (rate(${OURS.requestDuration}_count{${ASKED}}[$__rate_interval]))`,
              {
                legend: '{{service_name}}',
              },
            ),
          ],
          width: 12,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'How long, seen from both sides?',
          description:
            'The 95th percentile in k6 and in the services; the difference to the one it asks is the way between.',
          unit: 's',
          queries: [
            promql(
              `histogram_quantile(0.95, sum by (testid) (rate(${K6.duration}{${TEST}}[$__rate_interval])))`,
              {
                legend: 'k6 {{testid}}',
              },
            ),
            promql(
              `histogram_quantile(0.95, sum by (service_name, le) (rate(${OURS.requestDuration}_bucket{${ASKED}}[$__rate_interval])))`,
              { legend: '{{service_name}}', exemplar: true },
            ),
          ],
          width: 12,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'What share failed for the client?',
          description: 'Requests of k6 whose status was not one it expected, by request name.',
          unit: 'percentunit',
          queries: [
            promql(`max by (testid, name) (${K6.failed}{${TEST}})`, {
              legend: '{{testid}} {{name}}',
            }),
          ],
          width: 8,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'Which checks held?',
          description: 'Share of the checks of the script that held.',
          unit: 'percentunit',
          queries: [
            promql(`min by (testid, check) (${K6.checks}{${TEST}})`, {
              legend: '{{testid}} {{check}}',
            }),
          ],
          width: 8,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'How many virtual users?',
          description: 'Users that k6 runs at once.',
          unit: 'none',
          queries: [promql(`max by (testid) (${K6.users}{${TEST}})`, { legend: '{{testid}}' })],
          width: 8,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'How did the services respond?',
          description: 'Responses a second by status.',
          unit: 'reqps',
          queries: [
            promql(
              `sum by (service_name, http_response_status_code) (rate(${OURS.requestDuration}_count{${ASKED}}[$__rate_interval]))`,
              { legend: '{{service_name}} {{http_response_status_code}}' },
            ),
          ],
          width: 24,
          proof: HEALTHY,
        },
      ],
    },
  ],
};
