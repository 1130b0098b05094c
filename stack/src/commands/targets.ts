import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readComposeFile } from '../compose-file.ts';
import { loadEnvironment } from '../environment.ts';
import {
  PROXIES_ENVIRONMENT,
  PROXIES_FOLDER,
  proxiesEnvironment,
  proxiesOf,
  writeProxies,
} from '../proxies.ts';
import { scrapeTargets, TARGETS_FOLDER, writeScrapeTargets } from '../scrape-targets.ts';
import { parseOptions } from './options.ts';

/**
 * Writes the scrape targets that Prometheus uses in Docker, where an entry's name is its host, and
 * the proxies of toxiproxy.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { file } = parseOptions(args, []);
  const root = dirname(file);
  const environment = loadEnvironment(root);
  const compose = await readComposeFile(file, () => environment);
  writeScrapeTargets(
    join(root, TARGETS_FOLDER),
    scrapeTargets(compose, ({ name }) => name),
  );
  const proxies = proxiesOf(compose);
  writeProxies(join(root, PROXIES_FOLDER), proxies);
  writeFileSync(join(root, PROXIES_FOLDER, PROXIES_ENVIRONMENT), proxiesEnvironment(proxies));
  return 0;
}
