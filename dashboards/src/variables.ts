/**
 * The variables, the same on every dashboard that has them.
 *
 * @module
 */
import {
  IntervalVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { K6, OURS } from './metrics.ts';
import { SOURCES } from './sources.ts';

/**
 * Values of a label of a metric; all of them when nothing is chosen.
 *
 * @param all - what stands for all of them; Loki refuses a selector that an empty value would match
 */
function labelValues(
  name: string,
  label: string,
  metric: string,
  of: string,
  all = '.*',
): VariableModel {
  const query = `label_values(${metric}, ${of})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCES.prometheus)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current({ text: 'All', value: '$__all' })
    .build();
}

export const service = labelValues('service', 'Service', OURS.ready, 'service_name', '.+');
export const route = labelValues(
  'route',
  'Route',
  `${OURS.requestDuration}_count{service_name=~"$service"}`,
  'http_route',
);
export const dependency = labelValues('dependency', 'Dependency', OURS.calls, 'dependency');
export const errorCode = labelValues(
  'error_code',
  'Error code',
  `${OURS.errors}{service_name=~"$service"}`,
  'error_code',
);
export const testId = labelValues('testid', 'Load test', K6.requests, 'testid');

export const interval = new IntervalVariableBuilder('interval')
  .label('Interval')
  .values('20s,1m,5m,1h')
  .auto(true)
  .stepCount(60)
  .minInterval('20s')
  .current({ text: 'auto', value: '$__auto' })
  .build();

export const traceId = new TextBoxVariableBuilder('traceId')
  .label('Trace id')
  .description('The trace_id of a response, a log line or an exemplar')
  .defaultValue('')
  .build();
