import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComposeFile, NetworkProxy } from './compose-file.ts';
import type { Variables } from './interpolate.ts';

/** Where the proxies for Docker are kept; the folder that toxiproxy mounts. */
export const PROXIES_FOLDER = './otel/proxies';
/** The variables that send Docker's traffic through them: `docker compose --env-file`. */
export const PROXIES_ENVIRONMENT = 'network-faults.env';
const FILE = 'toxiproxy.json';

/** Every proxy of a list of processes. */
export function proxiesOf({ entries }: Pick<ComposeFile, 'entries'>): NetworkProxy[] {
  return [...entries.values()].flatMap(({ proxies }) => proxies);
}

/** The variables that send all traffic there are proxies for through them. */
export function proxyVariables(proxies: readonly NetworkProxy[], host: string): Variables {
  return Object.fromEntries(
    proxies.map(({ variable, listen }) => [variable, `${host}:${listen.split(':').at(-1)}`]),
  );
}

/** What toxiproxy reads when it starts. */
export function proxiesFile(proxies: readonly NetworkProxy[]): string {
  const wanted = proxies.map(({ name, listen, upstream }) => ({
    name,
    listen,
    upstream,
    enabled: true,
  }));
  return `${JSON.stringify(wanted, null, 2)}\n`;
}

/** Writes the file of the proxies into a folder. */
export function writeProxies(folder: string, proxies: readonly NetworkProxy[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILE), proxiesFile(proxies));
}

/** The lines of {@link PROXIES_ENVIRONMENT}. */
export function proxiesEnvironment(proxies: readonly NetworkProxy[]): string {
  const lines = Object.entries(proxyVariables(proxies, 'toxiproxy')).map(
    ([variable, address]) => `${variable}=${address}`,
  );
  return [
    '# Sends traffic through toxiproxy: docker compose --env-file otel/proxies/network-faults.env up',
    ...lines,
    '',
  ].join('\n');
}
