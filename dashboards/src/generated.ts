/**
 * The files that Grafana is given. They have a folder of their own: Grafana reads every JSON file
 * of the folder it is shown.
 *
 * @module
 */
import { join, resolve } from 'node:path';
import { DASHBOARDS } from './all.ts';
import { buildDashboard } from './dashboard.ts';

/** Root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..');
export const JSON_FOLDER = join(ROOT, 'dashboards/json');

/** File names and contents, from the dashboards in TypeScript. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map(
    DASHBOARDS.map((spec) => [
      `${spec.uid.replace('breakwater-', '')}.json`,
      `${JSON.stringify(buildDashboard(spec), null, 2)}\n`,
    ]),
  );
}
