/**
 * Every dashboard, in the order of the menu: those for any service, and the shop's own.
 *
 * @module
 */
import type { DashboardSpec } from './dashboard.ts';
import { circuits } from './dashboards/circuits.ts';
import { failures } from './dashboards/failures.ts';
import { home } from './dashboards/home.ts';
import { load } from './dashboards/load.ts';
import { service } from './dashboards/service.ts';
import { shop } from './dashboards/shop.ts';
import { slo } from './dashboards/slo.ts';
import { telemetry } from './dashboards/telemetry.ts';
import { trace } from './dashboards/trace.ts';

/** For any service that uses the libraries; what `@breakwater/dashboards` has. */
export const GENERAL: readonly DashboardSpec[] = [
  home,
  service,
  circuits,
  failures,
  trace,
  slo,
  load,
  telemetry,
];

/** For the shop of this repository. */
export const SHOP: readonly DashboardSpec[] = [shop];

export const DASHBOARDS: readonly DashboardSpec[] = [...GENERAL, ...SHOP];
