/**
 * `breakwater dashboards`: dashboards, rules and provisioning for a Grafana that is there already.
 *
 * @module
 */
import type { DatasourceUids } from '@breakwater/dashboards';
import { parseArguments } from '../arguments.ts';
import { UsageError } from '../errors.ts';

export const help = `Usage: breakwater dashboards --out DIR [--datasource NAME=UID]...

Writes Grafana dashboards, Prometheus rules with their runbooks, and Grafana's provisioning into a folder,
with a README that says where each goes. They hold for any service that uses the libraries.

  --out DIR              where to; made where it is missing, and files of the same name are replaced
  --datasource NAME=UID  the uid that a data source of yours has; NAME is prometheus, loki, jaeger or
                         alertmanager. Default: the name, as the provisioning creates them
  --json                 the paths that were written, on standard output

Examples:
  breakwater dashboards --out observability
  breakwater dashboards --out observability --datasource prometheus=PBFA97CFB590B2093

Exit codes: 0 written; 1 the folder cannot be written to; 2 used wrongly.`;

/** @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArguments({
    args: [...args],
    options: {
      out: { type: 'string' },
      datasource: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  });
  const { out: folder } = values;
  if (!folder) throw new UsageError('where to? --out DIR');
  const { writeDashboards } = await import('@breakwater/dashboards');
  try {
    const paths = writeDashboards(folder, { datasources: readUids(values.datasource) });
    if (values.json) process.stdout.write(`${JSON.stringify({ folder, paths })}\n`);
    else
      process.stderr.write(`breakwater: ${paths.length} files in ${folder}; README.md says more\n`);
    return 0;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws {UsageError} for what is no NAME=UID */
function readUids(pairs: readonly string[]): DatasourceUids {
  const entries = pairs.map((pair) => {
    const [, name, uid] = /^(\w+)=(.+)$/.exec(pair) ?? [];
    if (name === undefined) throw new UsageError('--datasource takes NAME=UID');
    return [name, uid];
  });
  return Object.fromEntries(entries);
}
