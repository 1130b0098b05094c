import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensureRoles, initialiseCluster, serverCommand } from '@breakwater/embedded-postgres';
import type { ComposeFile, Entry } from './compose-file.ts';
import { ContainerRoot } from './container-root.ts';
import { StackError } from './errors.ts';
import type { Variables } from './interpolate.ts';
import type { ProcessCommand } from './native-process.ts';
import { PROXIES_FOLDER } from './proxies.ts';
import { metricsPorts, TARGETS_FOLDER } from './scrape-targets.ts';
import type { StackPaths } from './stack-paths.ts';
import type { Backends, Skipped } from './state-file.ts';

/** An entry of the list as a local process. */
export interface NativeEntry {
  readonly entry: Entry;
  /** Address that answers when ready; without one, started is ready. */
  readonly ready?: string;
  /** Does what must be done before the first start, and says what to run. */
  prepare(): Promise<ProcessCommand>;
}

/** What runs here and what does not. */
export interface NativePlan {
  readonly backends: Backends;
  readonly entries: readonly NativeEntry[];
  readonly skipped: readonly Skipped[];
}

/** Why an entry cannot run here. */
export type Missing = Omit<Skipped, 'name'>;

/** Finds the file of a program, or says why there is none. */
export type FindProgram = (name: string) => Promise<{ path: string } | Missing>;

/** Variables of ours that a process may see; everything else must stand in the compose file. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR'];

/** Variables whose values hold no paths, whatever they look like. */
const SECRET = /_(PASSWORD|TOKEN)$/;
/** The password of the role of a service. */
const ROLE_PASSWORD = /^(\w+)_DATABASE_PASSWORD$/;

/**
 * The variables that the compose file is read with here: every entry is reached at 127.0.0.1 and
 * listens there, and a service that stops waits for nobody to see it. What the environment says
 * goes first.
 */
export function nativeVariables(names: readonly string[], environment: Variables): Variables {
  const hosts = names.map((name) => [hostVariable(name), '127.0.0.1']);
  return { LISTEN_HOST: '127.0.0.1', DRAIN_MS: '0', ...Object.fromEntries(hosts), ...environment };
}

/**
 * Decides what of the list runs here.
 *
 * An entry is left out when its program is missing, when its `…_HOST` variable says that it runs
 * elsewhere, or when telemetry is embedded and it has no part in that.
 */
export async function planNatively(
  file: ComposeFile,
  paths: StackPaths,
  environment: Variables,
  find: FindProgram,
  backends: Backends = 'native',
): Promise<NativePlan> {
  const programs = await Promise.all(
    [...file.entries.values()].map(async (entry) => {
      const host = hostVariable(entry.name);
      const elsewhere = environment[host];
      if (backends === 'embedded' && !entry.embedded) {
        return { entry, program: { reason: 'telemetry is embedded', installable: false } };
      }
      const program: { path: string } | Missing = elsewhere
        ? { reason: `it is at ${host}=${elsewhere}`, installable: false }
        : await findProgram(entry, find);
      return { entry: backends === 'embedded' ? embed(entry) : entry, program };
    }),
  );
  const entries: NativeEntry[] = [];
  const skipped: Skipped[] = [];
  for (const { entry, program } of programs) {
    if ('reason' in program) skipped.push({ name: entry.name, ...program });
    else entries.push(nativeEntry(entry, program.path, file, paths, environment));
  }
  if (backends === 'embedded') entries.sort((a, b) => rank(a) - rank(b));
  return { backends, entries, skipped };
}

function rank({ entry }: NativeEntry): number {
  return entry.embedded?.first ? 0 : 1;
}

/** The entry as it runs where telemetry is embedded. */
function embed(entry: Entry): Entry {
  return { ...entry, environment: { ...entry.environment, ...entry.embedded?.environment } };
}

async function findProgram(entry: Entry, find: FindProgram) {
  const [name = ''] = commandLine(entry);
  if (name === 'node') return { path: process.execPath };
  // Found, with its libraries, when it is prepared.
  if (name === 'postgres') return { path: name };
  return find(name);
}

function nativeEntry(
  entry: Entry,
  program: string,
  file: ComposeFile,
  paths: StackPaths,
  environment: Variables,
): NativeEntry {
  const replaced = new Map([
    [TARGETS_FOLDER, paths.targets],
    [PROXIES_FOLDER, paths.proxies],
  ]);
  const root = new ContainerRoot(entry, file, paths, replaced);
  const ready = readyAddress(entry);
  const [, ...args] = commandLine(entry);
  return {
    entry,
    ...(ready ? { ready } : {}),
    async prepare() {
      root.create();
      const own = Object.entries({ ...entry.environment, ...entry.native?.environment });
      const command: ProcessCommand = {
        command: program,
        args: args.map((word) => root.localise(word)),
        environment: {
          ...inherited(environment),
          ...Object.fromEntries(
            own.map(([name, value]) => [name, SECRET.test(name) ? value : root.localise(value)]),
          ),
        },
        cwd: paths.root,
      };
      return program === 'postgres' ? preparePostgres(entry, command) : command;
    },
  };
}

/**
 * Creates the data directory where PGDATA says, with the roles that the environment has passwords
 * for, and puts the server from npm in place.
 *
 * @throws StackError for a password that cannot be one
 */
async function preparePostgres(entry: Entry, given: ProcessCommand): Promise<ProcessCommand> {
  const { PGDATA = '', POSTGRES_PASSWORD } = given.environment;
  const dataDir = join(realpathSync(dirname(PGDATA)), basename(PGDATA));
  const passwords = Object.entries(given.environment).filter(([name]) => SECRET.test(name));
  for (const [name, value] of passwords) {
    if (/[\r\n]/.test(value)) throw new StackError(`${name} has a line break in it.`);
  }
  const password = POSTGRES_PASSWORD ? { password: POSTGRES_PASSWORD } : {};
  const roles = passwords.flatMap(([name, value]) => {
    const role = ROLE_PASSWORD.exec(name)?.[1];
    return role ? [{ name: role.toLowerCase(), password: value }] : [];
  });
  await initialiseCluster(dataDir, password);
  await ensureRoles(dataDir, { ...password, roles });
  const server = await serverCommand({ dataDir, port: entry.ports[0]?.port ?? 5432 });
  return { ...given, ...server, args: [...server.args, ...given.args] };
}

/** The local program and its words: those of the image, behind the program that stands for it. */
function commandLine(entry: Entry): readonly string[] {
  return [...(entry.native?.command ?? []), ...entry.command];
}

/** Where readiness is asked: the URL of the health check, or a service's own `/readyz`, where its metrics are. */
function readyAddress(entry: Entry): string | undefined {
  if (entry.native?.ready) return entry.native.ready;
  if (entry.isService) return `http://127.0.0.1:${metricsPorts(entry)[0]}/readyz`;
  return entry.healthcheck.join(' ').match(/https?:\/\/[^\s'"]+/)?.[0];
}

/** The variable that says where else an entry runs: `loki` → `LOKI_HOST`. */
export function hostVariable(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_HOST`;
}

function inherited(environment: Variables): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
