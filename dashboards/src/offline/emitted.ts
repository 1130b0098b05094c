/**
 * What the code emits, asked of the code itself: a service is made, and its registry read.
 *
 * @module
 */

import { ContractRequests } from '@breakwater/hono';
import { createService } from '@breakwater/kit';
import {
  collectProcessMetrics,
  collectSpanMetrics,
  createLogger,
  FIELDS as LOG_FIELDS,
  registry,
} from '@breakwater/otel';
import { FIELDS as RESILIENCE_FIELDS } from '@breakwater/resilience';
import type { Registry } from 'prom-client';
import { RpcMetrics } from '../../../packages/grpc/src/rpc-metrics.ts';
import { FIELDS as ORDER_FIELDS } from '../../../services/orders/src/names.ts';
import { SettlementMetrics } from '../../../services/orders/src/settlement-metrics.ts';
import type { StepFields } from '../../../stack/src/chaos/annotate.ts';
import { lokiName } from '../failure-table.ts';
import { BACKENDS, K6, SLO } from '../metrics.ts';
import { readRules } from '../rules.ts';

/** Names that a dashboard or a rule may use. */
export interface Emitted {
  /** Labels of every metric whose labels are known, and undefined for those of the backends. */
  readonly metrics: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** Metrics that this repository's code emits. */
  readonly ours: readonly string[];
  /** Fields of log lines, as Loki has them. */
  readonly fields: ReadonlySet<string>;
}

/** Labels that Prometheus and its targets add to everything. */
const TARGET_LABELS = ['service_name', 'job', 'instance'];
/** Fields of every line that winston writes. */
const LINE_FIELDS = ['level', 'message'];

/** What stands on the line of an experiment's step. */
const STEP_FIELDS = { experiment: true, testid: true, step: true, phase: true } satisfies Record<
  keyof StepFields,
  true
>;

interface Metric {
  readonly name: string;
  readonly labelNames?: readonly string[];
  readonly type?: string;
  readonly buckets?: unknown;
  get(): Promise<{ readonly values: readonly { readonly labels: object }[] }>;
}

/** Labels of a metric that declares none: those of its samples. */
async function shown(metric: Metric): Promise<string[]> {
  return (await metric.get()).values.flatMap(({ labels }) => Object.keys(labels));
}

/** Reads the registry of a service with one dependency, and the names of the other modules. */
export async function emitted(): Promise<Emitted> {
  const before = process.env.LOG_LEVEL;
  process.env.LOG_LEVEL = 'error';
  const logger = createLogger();
  const register = registry as Registry;
  if (registry.getSingleMetric('service_ready') === undefined) {
    const description = 'Shows its metrics.';
    const options = { name: 'emitted', description, logger, registry: register };
    const { app, resilience } = createService(options);
    // Some metrics show their labels only once they count something.
    await app.request('/nowhere');
    resilience.dependency('emitted', {});
    new SettlementMetrics(register);
    new ContractRequests({ contract: 'emitted', consumers: [], registry }).declare('v1');
    new RpcMetrics(registry, 1).record('emitted', 'INTERNAL', 1, true);
    collectProcessMetrics();
    collectSpanMetrics();
  }
  if (before === undefined) delete process.env.LOG_LEVEL;
  else process.env.LOG_LEVEL = before;

  const metrics = new Map<string, ReadonlySet<string> | undefined>();
  const own = register.getMetricsAsArray() as unknown as Metric[];
  for (const metric of own) {
    const { name } = metric;
    const labels = new Set([...(metric.labelNames ?? (await shown(metric))), ...TARGET_LABELS]);
    if (metric.buckets === undefined && metric.type !== 'histogram') metrics.set(name, labels);
    else {
      metrics.set(`${name}_bucket`, new Set([...labels, 'le']));
      metrics.set(`${name}_count`, labels);
      metrics.set(`${name}_sum`, labels);
    }
  }
  for (const name of [BACKENDS, K6, SLO].flatMap((names) => Object.values(names))) {
    metrics.set(name, undefined);
  }
  for (const { record } of readRules()) if (record) metrics.set(record, undefined);
  const fields = [LOG_FIELDS, RESILIENCE_FIELDS, ORDER_FIELDS].flatMap((names) =>
    Object.values(names).map(lokiName),
  );
  return {
    metrics,
    ours: own.map(({ name }) => name).filter((name) => !/^(nodejs|process)_/.test(name)),
    fields: new Set([...fields, ...LINE_FIELDS, ...Object.keys(STEP_FIELDS)]),
  };
}
