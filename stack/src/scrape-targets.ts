import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ComposeFile, Entry } from './compose-file.ts';

/** Where the targets for Docker are kept; the folder that Prometheus mounts. */
export const TARGETS_FOLDER = './otel/targets';

/** The entry that Prometheus sends its alerts to. */
const ALERTMANAGER = 'alertmanager';

/** One group in a Prometheus `file_sd` file. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The `file_sd` files of a list of processes, by their path: every service, every
 * `x-metrics-ports` of the others, and Alertmanager. Prometheus does not expand variables in its
 * targets, so they are generated.
 *
 * @param host - the name under which an entry is reached
 */
export function scrapeTargets(
  { entries }: Pick<ComposeFile, 'entries'>,
  host: (entry: Entry) => string,
): Record<string, TargetGroup[]> {
  const services: TargetGroup[] = [];
  const backends: TargetGroup[] = [];
  for (const entry of entries.values()) {
    for (const port of metricsPorts(entry)) {
      (entry.isService ? services : backends).push({
        targets: [`${host(entry)}:${port}`],
        labels: { job: entry.isService ? 'services' : 'backends', service_name: entry.name },
      });
    }
  }
  const alertmanager = entries.get(ALERTMANAGER);
  const alerts = alertmanager?.ports.map(({ port }) => `${host(alertmanager)}:${port}`);
  return {
    'services.json': services,
    'backends.json': backends,
    'alertmanager/alertmanager.json': alerts ? [{ targets: alerts, labels: {} }] : [],
  };
}

/** Where an entry tells about itself: a service without a listener of its own for it, where it works. */
export function metricsPorts({ isService, metricsPorts: own, ports }: Entry): readonly number[] {
  return isService && own.length === 0 ? ports.map(({ port }) => port) : own;
}

/** Writes the target files into a folder. */
export function writeScrapeTargets(folder: string, files: Record<string, TargetGroup[]>): void {
  for (const [name, groups] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(groups, null, 2)}\n`);
  }
}
