/**
 * Grafana dashboards, Prometheus rules and provisioning for any service that uses the libraries, as
 * files for a Grafana and a Prometheus that are there already.
 *
 * @module
 * @example
 * ```ts
 * import { writeDashboards } from '@breakwater/dashboards';
 *
 * for (const path of writeDashboards('observability')) console.log(path);
 * ```
 */
export {
  DATASOURCES,
  type DatasourceName,
  type DatasourceUids,
  renameDatasources,
} from './datasources.ts';
export { type DashboardOptions, writeDashboards } from './write-dashboards.ts';
