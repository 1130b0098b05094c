/**
 * Writes what this package carries into a folder.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatasourceUids, renameDatasources } from './datasources.ts';

/** The package's own folder, of the sources as of what is built of them. */
const PACKAGE = fileURLToPath(new URL('../', import.meta.url));

/** What is carried and where it is written, both without a slash at the end. */
const FOLDERS = [
  ['json', 'dashboards'],
  ['rules', 'rules'],
  ['rules/objectives', 'rules/objectives'],
  ['runbooks', 'runbooks'],
  ['provisioning/dashboards', 'provisioning/dashboards'],
  ['provisioning/datasources', 'provisioning/datasources'],
] as const;

export interface DashboardOptions {
  /**
   * Name the data sources that your Grafana has, by their uids. Default: `prometheus`, `loki`, `jaeger`
   * and `alertmanager`, which the provisioning creates.
   */
  readonly datasources?: DatasourceUids;
}

/**
 * Writes dashboards, rules with their runbooks, provisioning and a README that says how to use them. Creates the folder
 * where it is missing, replaces files of the same name, and leaves all others alone.
 *
 * @param folder - where to, from the working directory on
 * @returns the paths written, below `folder`, sorted
 * @throws {RangeError} where a uid of a data source is none; nothing is written then
 */
export function writeDashboards(folder: string, options: DashboardOptions = {}): string[] {
  const uids = options.datasources ?? {};
  const texts = new Map([['README.md', read('INSTALL.md')]]);
  for (const [from, to] of FOLDERS) {
    for (const entry of readdirSync(join(PACKAGE, from), { withFileTypes: true })) {
      if (entry.isFile()) texts.set(`${to}/${entry.name}`, read(`${from}/${entry.name}`));
    }
  }
  // All of them before the first is written: a wrong uid leaves nothing half done.
  const renamed = [...texts].map(([path, text]) => [path, renameDatasources(text, uids)] as const);
  for (const [path, text] of renamed) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return [...texts.keys()].sort();
}

function read(path: string): string {
  return readFileSync(join(PACKAGE, path), 'utf8');
}
