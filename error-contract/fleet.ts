/**
 * Every service of the repository as a process of its own, over one PostgreSQL.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type LogLine,
  type Requester,
  requester,
  type ServiceProcess,
  startService,
} from '@breakwater/testing';
import { freePorts, type Postgres, startPostgres } from './postgres.ts';

const SERVICES = fileURLToPath(new URL('../services', import.meta.url));

/** Wanted by the control endpoints of every service of a fleet, and by `GET /secure_data`. */
export const TOKEN = 'a-token-for-tests';

/** The services that run. */
export interface Fleet {
  readonly postgres: Postgres;
  /** By name, in the order of the names. */
  readonly services: ReadonlyMap<string, ServiceProcess>;
  ask(service: string): Requester;
  /** Asks the operational listener of a service. */
  operate(service: string): Requester;
  service(name: string): ServiceProcess;
  /** What a service has logged so far, in all its lives, oldest first. */
  lines(name: string): LogLine[];
  /** Starts a service that has ended, at the place where it was; `env` adds to what it had. */
  restart(name: string, env?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Every folder of `services/` that can be started. */
export function serviceNames(): string[] {
  return readdirSync(SERVICES)
    .filter((name) => existsSync(`${SERVICES}/${name}/src/main.ts`))
    .sort();
}

/**
 * Starts them all, each told where the others are by `<NAME>_URL`; takes a few seconds.
 *
 * @param env adds to the environment of single services
 */
export async function startFleet(
  env: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<Fleet> {
  const names = serviceNames();
  // A port that the system chose for one would be taken from another that is yet to listen.
  const free = await freePorts(2 * names.length);
  const ports = new Map(names.map((name, i) => [name, free[2 * i]]));
  const operations = new Map(names.map((name, i) => [name, free[2 * i + 1]]));
  const postgres = await startPostgres(names);
  const services = new Map<string, ServiceProcess>();
  const lives = new Map<string, ServiceProcess[]>(names.map((name) => [name, []]));

  const url = (name: string) => `http://127.0.0.1:${ports.get(name)}`;
  const urls = Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_URL`, url(name)]));
  const start = async (name: string, more: Readonly<Record<string, string>> = {}) => {
    const process = await startService(name, {
      ...urls,
      PROVIDER_URL: url('unstable'),
      PORT: String(ports.get(name)),
      OPERATIONS_PORT: String(operations.get(name)),
      DATABASE_URL: postgres.databaseUrl(name),
      CONTROL_TOKEN: TOKEN,
      SECURE_DATA_TOKEN: TOKEN,
      CONSOLE_TOKEN: TOKEN,
      CONSOLE_SOURCES: 'embedded',
      ...env[name],
      ...more,
    });
    services.set(name, process);
    lives.get(name)?.push(process);
  };
  const stop = async () => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    await postgres.remove();
  };
  const started = await Promise.allSettled(names.map((name) => start(name)));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const service = (name: string) => {
    const found = services.get(name);
    if (!found) throw new Error(`there is no service ${name}`);
    return found;
  };
  return {
    postgres,
    services,
    service,
    lines: (name) => (lives.get(name) ?? []).flatMap(({ lines }) => lines),
    ask: (name) => requester(service(name).url),
    operate: (name) => requester(service(name).operationsUrl),
    restart: start,
    stop,
  };
}
