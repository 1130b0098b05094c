/**
 * One trace: its spans, its lines, and the services on its way.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { OURS } from '../metrics.ts';
import { HEALTHY } from '../proof.ts';
import { jaegerTrace, logql, promql } from '../queries.ts';
import { circuitStates } from '../states.ts';
import * as variables from '../variables.ts';

// The first filter reads the line alone, and is fast.
const LINES = '{service_name=~".+"} |= "$traceId" | trace_id="$traceId"';

export const trace: DashboardSpec = {
  uid: 'breakwater-trace',
  title: 'Breakwater: one trace',
  description: 'Open with ?var-traceId=<trace_id>: its spans, its log lines, its services.',
  variables: [variables.traceId, variables.service],
  from: 'now-1h',
  sections: [
    {
      title: 'Trace $traceId',
      panels: [
        {
          kind: 'trace',
          title: 'What happened, in which order?',
          description: 'Every span of the trace, from Jaeger.',
          queries: [jaegerTrace('$traceId')],
          width: 24,
          proof: HEALTHY,
        },
        {
          kind: 'logs',
          title: 'What did the services say about it?',
          description: 'Every log line of the trace, from Loki.',
          queries: [logql(LINES, { maxLines: 500 })],
          width: 16,
          height: 10,
          proof: HEALTHY,
        },
        {
          kind: 'graph',
          title: 'Who asked whom?',
          description: 'The spans of the trace as a graph.',
          queries: [jaegerTrace('$traceId')],
          width: 8,
          proof: HEALTHY,
        },
      ],
    },
    {
      title: 'The services on its way, at that time',
      panels: [
        {
          kind: 'time',
          title: 'Which services took part?',
          description: 'Lines of the trace by service: choose these services above.',
          unit: 'none',
          queries: [
            logql(`sum by (service_name) (count_over_time(${LINES} [$__auto]))`, {
              legend: '{{service_name}}',
            }),
          ],
          width: 8,
          proof: HEALTHY,
        },
        {
          kind: 'time',
          title: 'How slow were they then?',
          description: 'The 95th percentile of their answers around the trace.',
          unit: 's',
          queries: [
            promql(
              `histogram_quantile(0.95, sum by (service_name, le) (rate(${OURS.requestDuration}_bucket{service_name=~"$service"}[$__rate_interval])))`,
              { legend: '{{service_name}}', exemplar: true },
            ),
          ],
          width: 8,
          proof: HEALTHY,
        },
        {
          ...circuitStates({
            title: 'Which circuits were open then?',
            description: 'The state of their circuits around the trace.',
            selector: 'service_name=~"$service"',
            width: 8,
          }),
        },
      ],
    },
  ],
};
