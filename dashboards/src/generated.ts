/**
 * The files that Grafana is given, in two folders: Grafana reads every JSON file of the folders it is
 * shown.
 *
 * @module
 */
import { resolve } from 'node:path';
import { GENERAL, SHOP } from './all.ts';
import { buildDashboard, type DashboardSpec } from './dashboard.ts';

/** Root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Folders of generated dashboards: for any service, in the package that people install; the shop's. */
export const JSON_FOLDERS = ['packages/dashboards/json', 'dashboards/json'] as const;

/** By folder, from the repository's root: file names and contents, from the dashboards in TypeScript. */
export function generatedFiles(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [general, shop] = JSON_FOLDERS;
  return new Map([
    [general, files(GENERAL)],
    [shop, files(SHOP)],
  ]);
}

function files(dashboards: readonly DashboardSpec[]): ReadonlyMap<string, string> {
  return new Map(
    dashboards.map((spec) => [
      `${spec.uid.replace('breakwater-', '')}.json`,
      `${JSON.stringify(buildDashboard(spec), null, 2)}\n`,
    ]),
  );
}
