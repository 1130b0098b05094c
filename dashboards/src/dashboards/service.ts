/**
 * Service: rate, errors, duration and saturation.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { NODE, OURS } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { HEALTHY, moved, type Proof, unprovoked } from '../proof.ts';
import { logql, promql } from '../queries.ts';
import * as variables from '../variables.ts';

const OF = 'service_name=~"$service"';
const ROUTE = `${OF}, http_route=~"$route"`;
const COUNT = `${OURS.requestDuration}_count{${ROUTE}}`;
const BUCKET = `${OURS.requestDuration}_bucket{${ROUTE}}`;

const BY_CHOICE = unprovoked('orders asks over gRPC with PEER_TRANSPORT=grpc alone');

function errors(title: string, description: string, type: string, proof: Proof): PanelSpec {
  return {
    kind: 'time',
    title,
    description,
    unit: 'reqps',
    queries: [
      promql(
        `sum by (service_name, error_code) (rate(${OURS.errors}{${ROUTE}, error_type${type}, error_code=~"$error_code"}[$__rate_interval]))`,
        { legend: '{{service_name}} {{error_code}}', exemplar: true },
      ),
    ],
    width: 12,
    noValue: '0',
    proof,
  };
}

function percentile(share: number): string {
  return `histogram_quantile(${share}, sum by (service_name, le) (rate(${BUCKET}[$__rate_interval])))`;
}

function saturation(
  title: string,
  description: string,
  unit: string,
  expr: string,
  legend = '{{service_name}}',
  width = 6,
): PanelSpec {
  return {
    kind: 'time',
    title,
    description,
    unit,
    queries: [promql(expr, { legend })],
    width,
    proof: HEALTHY,
  };
}

export const service: DashboardSpec = {
  uid: 'breakwater-service',
  title: 'Breakwater: service',
  description: 'What a service answers, how fast, what fails in it, and what it is short of.',
  variables: [variables.service, variables.route, variables.errorCode],
  sections: [
    {
      title: 'Rate, errors, duration',
      panels: [
        {
          kind: 'time',
          title: 'How many requests, on which route?',
          description: 'Answers a second by route template and status.',
          unit: 'reqps',
          queries: [
            promql(
              `sum by (service_name, http_request_method, http_route, http_response_status_code) (rate(${COUNT}[$__rate_interval]))`,
              {
                legend:
                  '{{service_name}} {{http_request_method}} {{http_route}} {{http_response_status_code}}',
              },
            ),
          ],
          width: 12,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'How long do answers take?',
          description: 'Half, 95 % and 99 % of the answers of each service are faster than this.',
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((share) =>
            promql(percentile(share), {
              legend: `{{service_name}} p${share * 100}`,
              exemplar: true,
            }),
          ),
          width: 12,
          proof: moved('provider-slow'),
        },
        errors(
          'Which technical errors? (ours to repair)',
          'Failed responses a second that are bugs, dependencies or deadlines.',
          '="technical"',
          moved('provider-503'),
        ),
        errors(
          'Which client and business errors? (not ours)',
          'Failed responses a second that the client or a business rule caused. They page nobody.',
          '!="technical"',
          moved('client-errors'),
        ),
        {
          kind: 'heatmap',
          title: 'How are latencies spread?',
          description:
            'Answers by how long they took; darker is more. A dot is one request: click it for its trace.',
          unit: 's',
          queries: [
            promql(`sum by (le) (rate(${BUCKET}[$__rate_interval]))`, {
              legend: '{{le}}',
              format: 'heatmap',
              exemplar: true,
            }),
          ],
          width: 16,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'What share of the last requests failed?',
          description:
            'The last requests to the service, and its last calls to each dependency. What depends on an unhealthy dependency responds in its degraded mode.',
          unit: 'percentunit',
          queries: [
            promql(`max by (service_name, dependency) (${OURS.errorRate}{${OF}})`, {
              legend: '{{service_name}} {{dependency}}',
            }),
            promql(`max by (service_name, dependency) (${OURS.errorRateUnhealthy}{${OF}})`, {
              legend: '{{service_name}} {{dependency}} unhealthy',
            }),
          ],
          width: 8,
          proof: moved('provider-503'),
        },
      ],
    },
    {
      title: 'Calls over gRPC',
      panels: [
        {
          kind: 'time',
          title: 'How many calls, of which method?',
          description:
            'Responses a second by method and status of gRPC. Errors by code stand above.',
          unit: 'reqps',
          queries: [
            promql(
              `sum by (service_name, rpc_method, rpc_status_code) (rate(${OURS.rpcDuration}_count{${OF}}[$__rate_interval]))`,
              { legend: '{{service_name}} {{rpc_method}} {{rpc_status_code}}' },
            ),
          ],
          width: 8,
          noValue: '0',
          proof: BY_CHOICE,
        },
        {
          kind: 'time',
          title: 'How long do calls take?',
          description: 'Half, 95 % and 99 % of the calls to each service are faster than this.',
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((share) =>
            promql(
              `histogram_quantile(${share}, sum by (service_name, le) (rate(${OURS.rpcDuration}_bucket{${OF}}[$__rate_interval])))`,
              { legend: `{{service_name}} p${share * 100}`, exemplar: true },
            ),
          ),
          width: 8,
          noValue: '0',
          proof: BY_CHOICE,
        },
        {
          kind: 'time',
          title: 'How many calls are in flight?',
          description: 'Beyond the limit calls are refused with OVERLOADED.',
          unit: 'short',
          queries: [
            promql(`sum by (service_name) (${OURS.rpcActive}{${OF}})`, {
              legend: '{{service_name}}',
            }),
            promql(`max by (service_name) (${OURS.rpcActiveLimit}{${OF}})`, {
              legend: '{{service_name}} limit',
            }),
          ],
          width: 8,
          noValue: '0',
          proof: BY_CHOICE,
        },
      ],
    },
    {
      title: 'What is it short of?',
      panels: [
        saturation(
          'How late is the event loop?',
          'The 99th percentile of the delay of timers: above some 50 ms everything waits.',
          's',
          `max by (service_name) (${NODE.eventLoopP99}{${OF}})`,
        ),
        saturation(
          'How much time goes to garbage collection?',
          'Share of a core, by kind of collection.',
          'percentunit',
          `sum by (service_name, kind) (rate(${NODE.gc}_sum{${OF}}[$__rate_interval]))`,
          '{{service_name}} {{kind}}',
        ),
        saturation(
          'How much memory?',
          'Used heap of JavaScript objects.',
          'bytes',
          `max by (service_name) (${NODE.heapUsed}{${OF}})`,
        ),
        saturation(
          'How much CPU?',
          'Cores in use; one is what the event loop can have.',
          'short',
          `sum by (service_name) (rate(${NODE.cpu}{${OF}}[$__rate_interval]))`,
        ),
        {
          kind: 'time',
          title: 'How many requests are in flight, and how many may be?',
          description:
            'Beyond the limit requests are refused with OVERLOADED. Abandoned are handlers that go on after the deadline of their request.',
          unit: 'none',
          queries: [
            promql(`sum by (service_name) (${OURS.activeRequests}{${OF}})`, {
              legend: '{{service_name}}',
            }),
            promql(`sum by (service_name) (${OURS.activeRequestsLimit}{${OF}})`, {
              legend: '{{service_name}} limit',
            }),
            promql(`sum by (service_name) (${OURS.abandonedHandlers}{${OF}})`, {
              legend: '{{service_name}} abandoned',
            }),
          ],
          width: 8,
          proof: moved('provider-slow'),
        },
        saturation(
          'How much memory does the process hold?',
          'Resident memory: what the limit of a container is compared with.',
          'bytes',
          `max by (service_name) (${NODE.resident}{${OF}} and on (service_name, instance) ${OURS.ready})`,
          '{{service_name}}',
          8,
        ),
        {
          kind: 'time',
          title: 'Is it ready, and does it answer whole?',
          description:
            'Ready is 1 while /readyz says 200. Beside it, responses a second in a degraded mode, and answers broken off after their head was sent.',
          unit: 'none',
          queries: [
            promql(`min by (service_name) (${OURS.ready}{${OF}})`, {
              legend: '{{service_name}} ready',
            }),
            promql(
              `sum by (service_name) (rate(${OURS.degradedAnswers}{${OF}}[$__rate_interval]))`,
              {
                legend: '{{service_name}} degraded',
              },
            ),
            promql(
              `sum by (service_name) (rate(${OURS.brokenResponses}{${OF}}[$__rate_interval]))`,
              {
                legend: '{{service_name}} broken off',
              },
            ),
          ],
          width: 8,
          proof: unprovoked('no fault of a dependency breaks off a response'),
        },
      ],
    },
    {
      title: 'What does it say?',
      panels: [
        {
          kind: 'logs',
          title: 'What does it log?',
          description:
            'Every line of the services chosen. A line with a trace_id leads to its trace.',
          queries: [logql('{service_name=~"$service"}')],
          width: 24,
          proof: HEALTHY,
        },
      ],
    },
  ],
};
