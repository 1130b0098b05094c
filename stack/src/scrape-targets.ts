import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComposeFile, Entry } from './compose-file.ts';

/** Where the targets for Docker are kept; the folder that Prometheus mounts. */
export const TARGETS_FOLDER = './otel/targets';

/** One group in a Prometheus `file_sd` file. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The scrape targets of a list of processes: every service, and every `x-metrics-ports` of the
 * others. Prometheus does not expand variables in its targets, so they are generated.
 *
 * @param host - the name under which an entry is reached
 */
export function scrapeTargets(
  file: ComposeFile,
  host: (entry: Entry) => string,
): Record<string, TargetGroup[]> {
  const services: TargetGroup[] = [];
  const backends: TargetGroup[] = [];
  for (const entry of file.entries.values()) {
    const ports = entry.isService ? entry.ports.map(({ port }) => port) : entry.metricsPorts;
    for (const port of ports) {
      const targets = [`${host(entry)}:${port}`];
      const labels = { service_name: entry.name };
      (entry.isService ? services : backends).push({ targets, labels });
    }
  }
  return { 'services.json': services, 'backends.json': backends };
}

/** Writes the target files into a folder. */
export function writeScrapeTargets(folder: string, files: Record<string, TargetGroup[]>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, groups] of Object.entries(files)) {
    writeFileSync(join(folder, name), `${JSON.stringify(groups, null, 2)}\n`);
  }
}
