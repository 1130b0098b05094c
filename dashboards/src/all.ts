/**
 * Every dashboard, in the order of the menu.
 *
 * @module
 */
import type { DashboardSpec } from './dashboard.ts';
import { circuits } from './dashboards/circuits.ts';
import { failures } from './dashboards/failures.ts';
import { home } from './dashboards/home.ts';
import { load } from './dashboards/load.ts';
import { service } from './dashboards/service.ts';
import { slo } from './dashboards/slo.ts';
import { telemetry } from './dashboards/telemetry.ts';
import { trace } from './dashboards/trace.ts';

export const DASHBOARDS: readonly DashboardSpec[] = [
  home,
  service,
  circuits,
  failures,
  trace,
  slo,
  load,
  telemetry,
];
