/**
 * Telemetry health: is what the other dashboards show all there is?
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { BACKENDS, OURS } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { HEALTHY, moved, type Proof, unprovoked } from '../proof.ts';
import { promql } from '../queries.ts';

function curve(
  title: string,
  description: string,
  unit: string,
  queries: readonly (readonly [expr: string, legend: string])[],
  proof: Proof = HEALTHY,
): PanelSpec {
  return {
    kind: 'time',
    title,
    description,
    unit,
    queries: queries.map(([expr, legend]) => promql(expr, { legend })),
    width: 8,
    proof,
  };
}

const perSecond = (by: string, metric: string) =>
  `sum by (${by}) (rate(${metric}[$__rate_interval]))`;

export const telemetry: DashboardSpec = {
  uid: 'breakwater-telemetry',
  title: 'Breakwater: telemetry health',
  description:
    'Whether spans, lines and metrics arrive whole: what is lost here is missing elsewhere.',
  variables: [],
  sections: [
    {
      title: 'Services',
      panels: [
        curve(
          'Do spans leave the services?',
          'Spans a second that the collector has acknowledged.',
          'ops',
          [[perSecond('service_name', OURS.spansExported), '{{service_name}}']],
        ),
        curve('How many spans wait in the services?', 'Spans queued for the collector.', 'none', [
          [`sum by (service_name) (${OURS.spansQueued})`, '{{service_name}}'],
        ]),
        curve(
          'Were spans given up?',
          'Spans a second that were dropped before the collector had them, by reason.',
          'ops',
          [[perSecond('service_name, reason', OURS.spansDropped), '{{service_name}} {{reason}}']],
          unprovoked(
            'the queue outlasts every outage of this check; the e2e tests of telemetry fill it',
          ),
        ),
        curve('How many lines are written?', 'Log lines a second by level.', 'ops', [
          [perSecond('service_name, level', OURS.logLines), '{{service_name}} {{level}}'],
        ]),
        curve(
          'Were lines lost?',
          'Log lines a second that the file could not take; stdout has them.',
          'ops',
          [[perSecond('service_name', OURS.logLinesLost), '{{service_name}}']],
          unprovoked('needs a full disk'),
        ),
        curve(
          'Do exemplars arrive?',
          'Exemplars a second that Prometheus has stored: the way from a metric to a trace.',
          'ops',
          [[`sum(rate(${BACKENDS.exemplars}[$__rate_interval]))`, 'exemplars']],
        ),
      ],
    },
    {
      title: 'Collector, Loki, Jaeger',
      panels: [
        curve(
          'How full are the collector’s queues?',
          'Share of the queue on disk that is used. Full, the collector reads and accepts no more.',
          'percentunit',
          [
            [
              `max by (exporter) (${BACKENDS.collectorQueue} / ${BACKENDS.collectorQueueLimit})`,
              '{{exporter}}',
            ],
          ],
          moved('jaeger-down'),
        ),
        curve(
          'Do lines and spans leave the collector?',
          'Lines and spans a second that Loki and Jaeger have acknowledged.',
          'ops',
          [
            [
              `sum by (exporter) (rate(${BACKENDS.collectorLogs}[$__rate_interval]))`,
              '{{exporter}} lines',
            ],
            [
              `sum by (exporter) (rate(${BACKENDS.collectorSpans}[$__rate_interval]))`,
              '{{exporter}} spans',
            ],
          ],
        ),
        curve(
          'Does the collector refuse anything?',
          'Lines and spans a second that it could not take.',
          'ops',
          [
            [
              `sum by (receiver) (rate(${BACKENDS.collectorRefusedLogs}[$__rate_interval]))`,
              '{{receiver}} lines',
            ],
            [
              `sum by (receiver) (rate(${BACKENDS.collectorRefusedSpans}{service_name="collector"}[$__rate_interval]))`,
              '{{receiver}} spans',
            ],
          ],
        ),
        curve('How many lines does Loki take?', 'Lines a second that Loki received.', 'ops', [
          [`sum(rate(${BACKENDS.lokiLines}[$__rate_interval]))`, 'lines'],
        ]),
        curve(
          'Does Loki reject anything?',
          'Lines a second that Loki refused, by reason. There is no series while there is none.',
          'ops',
          [[perSecond('reason', BACKENDS.lokiDiscarded), '{{reason}}']],
          moved('loki-refuses'),
        ),
        curve(
          'Is every process scraped?',
          '1 while Prometheus reaches it; a gap is a gap in every curve.',
          'none',
          [[`min by (service_name, instance) (${BACKENDS.up})`, '{{service_name}} {{instance}}']],
          moved('jaeger-down', 'down'),
        ),
      ],
    },
    {
      title: 'Prometheus',
      panels: [
        curve(
          'How many series are there?',
          'Series in memory. It must level off: labels are bounded.',
          'short',
          [[`max(${BACKENDS.headSeries})`, 'series']],
        ),
        curve('How long does a scrape take?', 'Beyond 4 s a scrape is lost.', 's', [
          [`max by (service_name) (${BACKENDS.scrapeDuration})`, '{{service_name}}'],
        ]),
        curve('Do the rules work?', 'Evaluations of rules that failed, a second.', 'ops', [
          [
            `sum by (rule_group) (rate(${BACKENDS.ruleFailures}[$__rate_interval]))`,
            '{{rule_group}}',
          ],
        ]),
      ],
    },
  ],
};
