/**
 * Every metric that dashboards and alerts may use: ours by the names of the packages that emit
 * them, so that a rename reaches the dashboards, and those of the backends by theirs.
 *
 * @module
 */

import { METRICS as RPC } from '@breakwater/grpc';
import { METRICS as SERVICE } from '@breakwater/hono';
import { METRICS as TELEMETRY } from '@breakwater/otel';
import { METRICS as RESILIENCE } from '@breakwater/resilience';
import { METRICS as ORDERS } from '../../services/orders/src/names.ts';

/** What the code of this repository emits. */
export const OURS = {
  ...TELEMETRY,
  ...RESILIENCE,
  ...SERVICE,
  rpcDuration: RPC.callDuration,
  rpcActive: RPC.activeCalls,
  rpcActiveLimit: RPC.activeCallsLimit,
  ordersSettled: ORDERS.settled,
  ordersUnsettled: ORDERS.unsettled,
} as const;

/** Node's own, by prom-client. */
export const NODE = {
  eventLoopP99: 'nodejs_eventloop_lag_p99_seconds',
  gc: 'nodejs_gc_duration_seconds',
  heapUsed: 'nodejs_heap_size_used_bytes',
  cpu: 'process_cpu_seconds_total',
  startTime: 'process_start_time_seconds',
  resident: 'process_resident_memory_bytes',
} as const;

/** Those of Prometheus, Loki, the collector and k6, at the versions of `docker-compose.yml`. */
export const BACKENDS = {
  up: 'up',
  alerts: 'ALERTS',
  scrapeDuration: 'scrape_duration_seconds',
  headSeries: 'prometheus_tsdb_head_series',
  exemplars: 'prometheus_tsdb_exemplar_exemplars_appended_total',
  ruleFailures: 'prometheus_rule_evaluation_failures_total',
  collectorQueue: 'otelcol_exporter_queue_size',
  collectorQueueLimit: 'otelcol_exporter_queue_capacity',
  collectorRefusedLogs: 'otelcol_receiver_refused_log_records',
  collectorRefusedSpans: 'otelcol_receiver_refused_spans',
  collectorLogs: 'otelcol_exporter_sent_log_records',
  collectorSpans: 'otelcol_exporter_sent_spans',
  lokiLines: 'loki_distributor_lines_received_total',
  lokiDiscarded: 'loki_discarded_samples_total',
} as const;

/** k6's, as `experimental-prometheus-rw` writes them with native histograms. */
export const K6 = {
  requests: 'k6_http_reqs_total',
  failed: 'k6_http_req_failed_rate',
  duration: 'k6_http_req_duration_seconds',
  checks: 'k6_checks_rate',
  users: 'k6_vus',
} as const;

/** What Sloth's rules record. */
export const SLO = {
  objective: 'slo:objective:ratio',
  budgetLeft: 'slo:period_error_budget_remaining:ratio',
  burnRate: 'slo:current_burn_rate:ratio',
  periodBurnRate: 'slo:period_burn_rate:ratio',
  errorRatio: 'slo:sli_error:ratio_rate5m',
} as const;

/** Emitted by the code and on no dashboard, with the reason; at most ten. */
export const UNUSED: Readonly<Record<string, string>> = {
  [OURS.lateResults]: 'how those ended that the Service dashboard shows as abandoned',
  [OURS.errorRateRequests]: 'the share on the Service dashboard is made of it',
  [OURS.errorRateErrors]: 'the share on the Service dashboard is made of it',
};
