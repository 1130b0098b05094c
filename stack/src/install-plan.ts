import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { suggest } from '@breakwater/cli/suggest';
import { type Binary, COMPONENTS, type Component } from './components.ts';
import { UsageError } from './errors.ts';
import { type FoundComponent, findComponent, type MissingComponent } from './find-component.ts';

/** What `npm run stack:install` was asked for. */
export interface InstallOptions {
  readonly components: readonly Component[];
  readonly json: boolean;
  readonly help: boolean;
}

/**
 * Reads the arguments: names of components or of their programs, all when there are none.
 *
 * @throws UsageError for an unknown name or option.
 */
export function parseInstallOptions(args: readonly string[]): InstallOptions {
  const { values, positionals } = parse(args);
  const unknown = positionals.find((word) => !COMPONENTS.some((each) => isCalled(each, word)));
  if (unknown !== undefined) {
    const meant = suggest(
      unknown,
      COMPONENTS.map(({ name }) => name),
    );
    throw new UsageError(`there is no component "${unknown}"${meant}`);
  }
  const chosen = COMPONENTS.filter((each) => positionals.some((word) => isCalled(each, word)));
  return { components: positionals.length > 0 ? chosen : COMPONENTS, ...values };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function isCalled({ name, binaries }: Component, word: string): boolean {
  return name === word || binaries.some((binary) => binary.name === word);
}

/** Where each program of a component is; missing when one of them is. */
export interface ComponentState {
  readonly component: Component;
  readonly binaries: readonly (Binary & { readonly found: FoundComponent | MissingComponent })[];
}

/** Looks for the programs of components. */
export async function inspect(
  components: readonly Component[],
  environment: NodeJS.ProcessEnv,
): Promise<ComponentState[]> {
  return Promise.all(
    components.map(async (component) => ({
      component,
      binaries: await Promise.all(
        component.binaries.map(async (binary) => ({
          ...binary,
          found: await findComponent(binary.name, environment),
        })),
      ),
    })),
  );
}

/** Whether a component must be built. */
export function isMissing({ binaries }: ComponentState): boolean {
  return binaries.some(({ found }) => 'reason' in found && found.installable);
}

/** The first program that the environment names and that is not there: a build is no help. */
export function unusableOverride(states: readonly ComponentState[]): string | undefined {
  const all = states.flatMap(({ binaries }) => binaries.map(({ found }) => found));
  for (const found of all) if ('reason' in found && !found.installable) return found.reason;
  return undefined;
}

/** The programs of a component by name, with the path of each that is there. */
export function pathsOf({ binaries }: ComponentState): Record<string, string> {
  const found = binaries.flatMap(({ name, found }) =>
    'path' in found ? [[name, found.path]] : [],
  );
  return Object.fromEntries(found);
}

/** The programs of a component that has just been built into `folder`. */
export function builtPaths({ binaries }: Component, folder: string): Record<string, string> {
  return Object.fromEntries(binaries.map(({ name }) => [name, join(folder, name)]));
}

/** What is missing and how long it takes, before the first build. */
export function describePlan(missing: readonly Component[]): string {
  const width = Math.max(...missing.map(({ name }) => name.length));
  const lines = missing.map(
    ({ name, version, seconds }) =>
      `  ${name.padEnd(width)}  ${version.padEnd(8)}  about ${describeSeconds(seconds)}`,
  );
  const total = missing.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    `To be built from ${missing.length === 1 ? 'its Go module' : 'their Go modules'}, once, on two cores:`,
    ...lines,
    `In all about ${describeSeconds(total)}. It may be stopped at any time: what is built stays.`,
  ].join('\n');
}

/** `45 s`, `6 min 30 s`. */
export function describeSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole} s`;
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}
