/**
 * Failures as rows: one error line each, with the way to its trace.
 *
 * @module
 */
import { FIELDS } from '@breakwater/otel';
import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ValueLink } from './panel.ts';

/** A field as Loki has it: dots are underscores. */
export function lokiName(field: string): string {
  return field.replaceAll('.', '_');
}

const SERVICE = lokiName(FIELDS.serviceName);
const ROUTE = lokiName(FIELDS.route);
const STATUS = lokiName(FIELDS.statusCode);

/** The columns, from left to right. */
export const COLUMNS = [
  'Time',
  SERVICE,
  ROUTE,
  STATUS,
  FIELDS.errorCode,
  'message',
  FIELDS.traceId,
] as const;

/** Drops most lines before their fields are looked at, which is what costs over a day. */
export const WITH_CODE = `|= \`"${FIELDS.errorCode}":\``;

/** LogQL for the error lines of services; `message` stands in the line, the rest beside it. */
export function failureTable(services: string, where: string): string {
  return `{${services}} ${WITH_CODE} | ${where} | ${FIELDS.traceId}!="" | json message="message"`;
}

/** Turns Loki's labels into columns, and keeps those that matter. */
failureTable.columns = [
  { id: 'extractFields', options: { source: 'labels', format: 'auto', replace: false } },
  {
    id: 'filterFieldsByName',
    options: { include: { names: [...COLUMNS] } },
  },
  {
    id: 'organize',
    options: { indexByName: Object.fromEntries(COLUMNS.map((name, i) => [name, i])) },
  },
] satisfies DataTransformerConfig[];

/** The ways from a row's trace id. */
export const TRACE_LINKS: readonly ValueLink[] = [
  {
    title: 'Trace and log lines',
    field: FIELDS.traceId,
    url: '/d/breakwater-trace?var-traceId=${__value.raw}&${__url_time_range}',
  },
  {
    title: 'Trace in Explore',
    field: FIELDS.traceId,
    url: explore('jaeger', '{"refId":"A","query":"${__value.raw}"}'),
  },
];

/** An address of Explore with one query; Grafana's placeholders in it are left as they are. */
export function explore(datasource: string, query: string): string {
  const pane = `{"a":{"datasource":"${datasource}","queries":[${query}],"range":{"from":"\${__from}","to":"\${__to}"}}}`;
  const encoded = pane
    .split(/(\$\{[^}]+\})/)
    .map((part, i) => (i % 2 === 1 ? part : encodeURIComponent(part)));
  return `/explore?schemaVersion=1&panes=${encoded.join('')}`;
}
