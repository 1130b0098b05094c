import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import type { Experiment } from './experiment.ts';

const FOLDER = fileURLToPath(new URL('../../../k6/chaos', import.meta.url));

/** The order in which all are run: from what disturbs least to what disturbs most. */
const ORDER = ['attack', 'retry-storm', 'bulkhead-isolation', 'payments-slow', 'payments-outage'];

/** Names of all experiments of `k6/chaos`, in the order in which all are run. */
export async function experimentNames(): Promise<string[]> {
  const names = readdirSync(FOLDER).flatMap((file) => file.match(/^([\w-]+)\.ts$/)?.[1] ?? []);
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/**
 * Reads an experiment by its name, or from a file.
 *
 * @throws UsageError when there is none
 */
export async function loadExperiment(name: string): Promise<Experiment> {
  const file = name.endsWith('.ts') ? resolve(name) : join(FOLDER, `${name}.ts`);
  if (!/^[\w./-]+$/.test(name) || !existsSync(file)) {
    const known = (await experimentNames()).join(', ');
    throw new UsageError(`there is no experiment "${name}"; there are ${known}, and all`);
  }
  const module = (await import(pathToFileURL(file).href)) as { default: Experiment };
  return module.default;
}
