import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { dependencyOrder } from './dependency-order.ts';
import { StackError } from './errors.ts';
import { interpolateAll, referencedVariables, type Variables } from './interpolate.ts';

/** One published port of an entry. */
export interface Port {
  readonly address: string;
  readonly port: number;
  /** Environment variable that moves the port, when there is one. */
  readonly variable?: string;
}

/** A file, a folder or a named volume as the entry sees it. */
export interface Mount {
  /** Path relative to the compose file (`./…`), or the name of a volume. */
  readonly source: string;
  readonly target: string;
}

/** How the same process runs without Docker; the `x-native` block. */
export interface Native {
  /** Words in front of `command`: the local program that stands for the image; none for a service. */
  readonly command: readonly string[];
  /** Where readiness is asked, when the health check names no URL. */
  readonly ready?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** How the same process runs where telemetry is embedded; the `x-embedded` block. */
export interface Embedded {
  /** Whether it is started before the others: people see something sooner. */
  readonly first: boolean;
  /** In the place of variables of the same name. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A proxy that stands on the way between two processes when it is asked to; `x-proxies`. */
export interface NetworkProxy {
  readonly name: string;
  /** Variable that sends the traffic through it, by its address. */
  readonly variable: string;
  /** Where it listens and where it leads, `host:port`. */
  readonly listen: string;
  readonly upstream: string;
}

/** One process of the stack. */
export interface Entry {
  readonly name: string;
  /** Built from this repository, and therefore one of our services. */
  readonly isService: boolean;
  readonly image?: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly Port[];
  readonly mounts: readonly Mount[];
  readonly healthcheck: readonly string[];
  /** What must be there first, and whether "there" means ready or merely started. */
  readonly dependsOn: Readonly<Record<string, 'ready' | 'started'>>;
  /** Whether a process that ends by itself is started again. */
  readonly restarts: boolean;
  readonly stopSignal: NodeJS.Signals;
  /** Time between the stop signal and SIGKILL. */
  readonly stopGraceMs: number;
  /** Ports whose `/metrics` Prometheus scrapes; of a service, those of its operational listener. */
  readonly metricsPorts: readonly number[];
  readonly proxies: readonly NetworkProxy[];
  readonly native?: Native;
  /** Absent for what is not run where telemetry is embedded. */
  readonly embedded?: Embedded;
}

/** The one list of processes. */
export interface ComposeFile {
  readonly path: string;
  /** The folder of the file; relative paths in it start here. */
  readonly root: string;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Named volumes with the folder below `.stack` that stands for each. */
  readonly volumes: ReadonlyMap<string, string>;
}

const KNOWN_KEYS = new Set(
  `build cap_add cap_drop command container_name depends_on environment healthcheck image labels
  logging mem_limit ports pull_policy restart stop_grace_period stop_signal user volumes
  x-embedded x-metrics-ports x-native x-proxies`.split(/\s+/),
);

type Tree = Record<string, unknown>;

/**
 * Reads a compose file.
 *
 * Only what both ways of running understand is accepted, so that the file cannot mean one thing in
 * Docker and another here.
 *
 * @throws StackError naming the entry and the key that is wrong.
 */
export async function readComposeFile(
  path: string,
  variables: (names: readonly string[]) => Variables,
): Promise<ComposeFile> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new StackError(`There is no ${path}. Run this from the folder that holds it.`);
  });
  return parseComposeFile(path, text, variables);
}

/**
 * Parses the text of a compose file; `path` is used for messages and as the root.
 *
 * @param variables - gives the values to interpolate, once the names of all entries are known
 */
export function parseComposeFile(
  path: string,
  text: string,
  variables: (names: readonly string[]) => Variables,
): ComposeFile {
  const fail = (sentence: string): never => {
    throw new StackError(`${basename(path)}: ${sentence}`);
  };
  const raw = attempt(fail, () => parse(text, { merge: true })) as Tree | null;
  const services = tree(raw?.services) ?? fail('it has no "services"');
  const volumes = Object.entries(tree(raw?.volumes) ?? {}).map(([name, volume]) => {
    const folder = tree(volume)?.['x-native'];
    return [name, typeof folder === 'string' ? folder : join('data', name)] as const;
  });
  const values = variables(Object.keys(services));
  const entries = new Map<string, Entry>();
  const badPorts: string[] = [];
  for (const [name, source] of Object.entries(services)) {
    const failEntry = (sentence: string) => fail(`entry "${name}": ${sentence}`);
    const rawEntry = tree(source) ?? failEntry('it is empty');
    const entry = attempt(failEntry, () => interpolateAll(rawEntry, values)) as Tree;
    entries.set(name, parseEntry(name, entry, rawEntry, failEntry, badPorts));
  }
  if (badPorts.length > 0) throw new StackError(badPorts.join('\n'));
  const file = { path, root: dirname(path), entries, volumes: new Map(volumes) };
  checkReferences(file, fail);
  return file;
}

function parseEntry(
  name: string,
  entry: Tree,
  raw: Tree,
  fail: (s: string) => never,
  badPorts: string[],
): Entry {
  for (const key of Object.keys(entry)) {
    if (!KNOWN_KEYS.has(key)) fail(`"${key}" is not understood when running without Docker`);
  }
  if ((entry.image === undefined) === (entry.build === undefined)) {
    fail('it needs either "image" or "build"');
  }
  const native = tree(entry['x-native']);
  const embedded = tree(entry['x-embedded']);
  return {
    name,
    isService: entry.build !== undefined,
    ...(entry.image === undefined ? {} : { image: String(entry.image) }),
    command: words(entry.command),
    environment: environment(entry.environment, fail),
    ports: list(entry.ports).map((port, i) => parsePort(port, list(raw.ports)[i], fail, badPorts)),
    mounts: list(entry.volumes).map((volume) => {
      const [source = '', target] = String(volume).split(':');
      return target ? { source, target } : fail(`volume "${volume}" is not "source:target"`);
    }),
    healthcheck: words(tree(entry.healthcheck)?.test),
    dependsOn: dependencies(entry.depends_on, fail),
    restarts: entry.restart !== undefined && entry.restart !== 'no',
    stopSignal: (entry.stop_signal ?? 'SIGTERM') as NodeJS.Signals,
    stopGraceMs: seconds(entry.stop_grace_period ?? '10s', fail) * 1000,
    metricsPorts: list(entry['x-metrics-ports']).map(Number),
    proxies: parseProxies(tree(entry['x-proxies']) ?? {}, fail),
    ...(native ? { native: parseNative(native, entry, fail) } : {}),
    ...(embedded ? { embedded: parseEmbedded(embedded, fail) } : {}),
  };
}

function parseNative(native: Tree, entry: Tree, fail: (sentence: string) => never): Native {
  const command = words(native.command);
  if (command.length === 0 && entry.image) fail('"x-native" needs a "command"');
  const ready = native.ready;
  return {
    command,
    environment: environment(native.environment, fail),
    ...(ready === undefined ? {} : { ready: String(ready) }),
  };
}

function parseProxies(proxies: Tree, fail: (sentence: string) => never): NetworkProxy[] {
  return Object.entries(proxies).map(([name, proxy]) => {
    const { variable, listen, upstream } = tree(proxy) ?? {};
    if (!variable || !listen || !upstream) {
      fail(`the proxy "${name}" needs "variable", "listen" and "upstream"`);
    }
    return {
      name,
      variable: String(variable),
      listen: String(listen),
      upstream: String(upstream),
    };
  });
}

function parseEmbedded(embedded: Tree, fail: (sentence: string) => never): Embedded {
  return {
    first: embedded.first === true,
    environment: environment(embedded.environment, fail),
  };
}

/** What a variable makes of a port is the user's, and collected: all mistakes are told at once. */
function parsePort(
  port: unknown,
  raw: unknown,
  fail: (sentence: string) => never,
  bad: string[],
): Port {
  const [, address, outside, inside] = /^([\d.]+):([^:]*):([^:]*)$/.exec(String(port)) ?? [];
  if (!address) fail(`port "${port}" is not "address:port:port"`);
  if (outside !== inside) fail(`port "${port}" differs inside; without Docker there is one`);
  const [variable] = referencedVariables(String(raw));
  if (!/^\d+$/.test(outside ?? '') || Number(outside) < 1 || Number(outside) > 65_535) {
    bad.push(`${variable ?? 'port'}=${outside} is no port: an integer from 1 to 65535 is.`);
  }
  return { address: address as string, port: Number(outside), ...(variable ? { variable } : {}) };
}

function dependencies(value: unknown, fail: (sentence: string) => never): Entry['dependsOn'] {
  if (Array.isArray(value)) fail('"depends_on" must be a map that gives each name a condition');
  return Object.fromEntries(
    Object.entries(tree(value) ?? {}).map(([name, dependency]) => {
      const condition = tree(dependency)?.condition;
      if (condition === 'service_healthy') return [name, 'ready'];
      if (condition === 'service_started') return [name, 'started'];
      return fail(`its dependency "${name}" needs a condition: service_healthy or service_started`);
    }),
  );
}

function environment(value: unknown, fail: (sentence: string) => never): Record<string, string> {
  if (Array.isArray(value)) fail('"environment" must be a map, not a list');
  return Object.fromEntries(
    Object.entries(tree(value) ?? {}).map(([name, item]) => [name, String(item ?? '')]),
  );
}

/** Every name that an entry refers to must exist, and no entry may wait for itself. */
function checkReferences(file: ComposeFile, fail: (sentence: string) => never): void {
  for (const entry of file.entries.values()) {
    for (const name of Object.keys(entry.dependsOn)) {
      if (!file.entries.has(name)) fail(`entry "${entry.name}" depends on "${name}", not in it`);
    }
    for (const { source } of entry.mounts) {
      if (!source.startsWith('.') && !file.volumes.has(source)) {
        fail(`entry "${entry.name}" uses the volume "${source}", which "volumes" does not list`);
      }
    }
  }
  attempt(fail, () => dependencyOrder([...file.entries.values()]));
}

function attempt<T>(fail: (sentence: string) => never, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return fail((error as Error).message);
  }
}

function tree(value: unknown): Tree | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Tree)
    : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A command is a list of words, or words between blanks; quoting is not needed and not known. */
function words(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/\s+/).filter(Boolean);
  return list(value).map(String);
}

function seconds(value: unknown, fail: (sentence: string) => never): number {
  const [, amount, unit] = /^(\d+)(s|m)$/.exec(String(value)) ?? [];
  if (!amount) fail(`"${value}" is not a duration such as 10s or 1m`);
  return Number(amount) * (unit === 'm' ? 60 : 1);
}
