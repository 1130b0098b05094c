/**
 * The shop: what happens to its orders, which is nobody else's business.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { OURS } from '../metrics.ts';
import { accumulates, HEALTHY, moved } from '../proof.ts';
import { promql } from '../queries.ts';

const EDGE = 'service_name="gateway"';
const PROVIDER = 'service_name="payments", dependency="provider"';

export const shop: DashboardSpec = {
  uid: 'breakwater-shop',
  title: 'Breakwater: shop',
  description: 'How the orders of the shop end, and who of it makes them wait.',
  variables: [],
  sections: [
    {
      title: 'Orders',
      panels: [
        {
          kind: 'time',
          title: 'How do customers fare?',
          description: 'Responses a second of the gateway by route and status.',
          unit: 'reqps',
          queries: [
            promql(
              `sum by (http_route, http_response_status_code) (rate(${OURS.requestDuration}_count{${EDGE}}[$__rate_interval]))`,
              { legend: '{{http_route}} {{http_response_status_code}}' },
            ),
          ],
          width: 12,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'How do orders end?',
          description:
            'Orders brought to a status, a second, by who did it: the request or the reconciler.',
          unit: 'ops',
          queries: [
            promql(`sum by (status, settled_by) (rate(${OURS.ordersSettled}[$__rate_interval]))`, {
              legend: '{{status}} by {{settled_by}}',
            }),
          ],
          width: 12,
          proof: HEALTHY,
        },
        {
          kind: 'stat',
          title: 'How many orders have no outcome yet?',
          description: 'Orders whose payment is not known or whose stock is still to be released.',
          unit: 'none',
          queries: [promql(`sum(${OURS.ordersUnsettled})`, { legend: 'orders' })],
          width: 6,
          height: 8,
          thresholds: [[1, 'yellow']],
          proof: accumulates('provider-hang'),
        },
        {
          kind: 'time',
          title: 'Does the payment provider take the charges?',
          description: 'Calls a second of payments to its provider that failed or were refused.',
          unit: 'ops',
          queries: [
            promql(
              `sum by (outcome) (rate(${OURS.calls}{${PROVIDER}, outcome=~"failure|rejected"}[$__rate_interval]))`,
              { legend: '{{outcome}}', exemplar: true },
            ),
          ],
          width: 18,
          proof: moved('provider-503'),
        },
      ],
    },
    {
      title: 'Contracts',
      panels: [
        {
          kind: 'time',
          title: 'Who asks for which version?',
          description:
            'Requests a second by contract, version and consumer. A version that ends may go when nobody is counted on it for longer than the rarest consumer asks.',
          unit: 'reqps',
          queries: [
            promql(
              `sum by (contract, version, consumer) (rate(${OURS.contractRequests}[$__rate_interval])) > 0`,
              { legend: '{{contract}} {{version}} {{consumer}}' },
            ),
          ],
          width: 24,
          proof: HEALTHY,
        },
      ],
    },
  ],
};
