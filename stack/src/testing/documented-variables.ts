import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config, type ConfigRead } from '@breakwater/kit/config';
import { readIdentity } from '@breakwater/otel';
import { readSettings } from '../../../otel/node/src/settings.ts';
import { type ComposeFile, type Entry, parseComposeFile } from '../compose-file.ts';
import type { Variables } from '../interpolate.ts';

/** A variable as a table of `docs/configuration.md` has it, or as it ought to. */
export interface Row {
  readonly variable: string;
  /** The processes that it reaches, as one text. */
  readonly processes: string;
  readonly fallback: string;
  readonly allowed: string;
}

/** The rows below a heading; a fifth cell says what it is for, in words of its own. */
export function documentedRows(page: string, heading: string): Row[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section.split('\n').flatMap((line) => {
    const [, variable = '', processes = '', fallback = '', allowed = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const name = /^`(\w+)`$/.exec(variable)?.[1];
    return name ? [{ variable: name, processes, fallback, allowed }] : [];
  });
}

/** What each service reads through its own configuration, by folder. */
export async function serviceReads(root: string): Promise<ReadonlyMap<string, ConfigRead[]>> {
  const reads = new Map<string, ConfigRead[]>();
  for (const path of globSync('services/*/src/config.ts', { cwd: root }).sort()) {
    const { readConfig } = (await import(join(root, path))) as { readConfig(c: Config): unknown };
    const config = new Config({}, []);
    readConfig(config);
    reads.set(path.split('/')[1] ?? '', config.reads);
  }
  return reads;
}

/** What telemetry reads in every service, but for the specification's own names. */
export function telemetryReads(): string[] {
  const names = new Set<string>();
  const env = new Proxy({} as NodeJS.ProcessEnv, {
    get: (_, name) => void names.add(String(name)),
  });
  readSettings(env);
  readIdentity(env, undefined);
  return [...names].filter((name) => !name.startsWith('OTEL_'));
}

/** One row for each variable of the services, the same in all that read it. */
export function serviceRows(reads: ReadonlyMap<string, readonly ConfigRead[]>): Row[] {
  const names = new Set([...reads.values()].flat().map(({ name }) => name));
  return [...names].sort().map((variable) => {
    const readers = [...reads].filter(([, all]) => all.some(({ name }) => name === variable));
    const each = readers.flatMap(([, all]) => all.filter(({ name }) => name === variable));
    const one = (key: 'fallback' | 'allowed', otherwise: string) => {
      const values = new Set(each.flatMap((read) => read[key] ?? []));
      return values.size > 1 ? 'its own' : ([...values][0] ?? otherwise);
    };
    const fallback = one('fallback', 'none');
    return {
      variable,
      processes:
        readers.length === reads.size ? 'every service' : readers.map(([name]) => name).join(', '),
      fallback: code(fallback),
      allowed: one('allowed', 'any text'),
    };
  });
}

/**
 * One row for each variable of the list of processes, with the entries that a value reaches.
 *
 * @param known what is allowed, where a reader says so
 */
export function stackRows(path: string, known: ReadonlyMap<string, string>): Row[] {
  const text = readFileSync(path, 'utf8');
  const parse = (variables: Variables): ComposeFile =>
    parseComposeFile(path, text, () => variables);
  const usual = parse({});
  const defaults = new Map(
    [...text.matchAll(/\$\{(\w+):-((?:[^{}$]|\$\{[^{}]*\})*)\}/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
  for (const [, name = '', value = ''] of text.matchAll(/\$\{(\w+):-([^{}]*)\}/g)) {
    defaults.set(name, value);
  }
  return [...defaults].sort().map(([variable, fallback]) => {
    // Nobody's default, and a port.
    const moved = parse({ [variable]: '64999' });
    const reached = [...usual.entries.values()].filter(
      (entry) => JSON.stringify(entry) !== JSON.stringify(moved.entries.get(entry.name)),
    );
    return {
      variable,
      processes: describeEntries(reached, [...usual.entries.values()]),
      fallback: fallback.includes('$') ? 'made of others' : code(fallback),
      allowed: known.get(variable) ?? allowedByName(variable),
    };
  });
}

function code(fallback: string): string {
  return /^(none|its own|)$/.test(fallback) ? fallback || 'none' : `\`${fallback}\``;
}

function allowedByName(variable: string): string {
  if (variable.endsWith('_PORT')) return 'an integer from 1 to 65535';
  if (variable.endsWith('_HOST')) return 'an address or a host name';
  if (variable.endsWith('_ADDRESS')) return 'host:port';
  if (variable.endsWith('_PASSWORD')) return 'any text without line breaks';
  return 'any text';
}

function describeEntries(reached: readonly Entry[], all: readonly Entry[]): string {
  if (reached.length === all.length) return 'all';
  const services = all.filter(({ isService }) => isService);
  const whole = services.every((service) => reached.includes(service));
  const rest = whole ? reached.filter(({ isService }) => !isService) : reached;
  return [...(whole ? ['every service'] : []), ...rest.map(({ name }) => name)].join(', ');
}
