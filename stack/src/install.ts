/**
 * `npm run stack:install [-- NAME…] [--json]`: builds the Go programs of the stack into the cache.
 *
 * @module
 */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BuildError, buildComponent } from './build-component.ts';
import { cacheFolder } from './component-cache.ts';
import { COMPONENTS, type Component } from './components.ts';
import { describeFileError, StackError, UsageError } from './errors.ts';
import { findGo, type GoToolchain } from './go-toolchain.ts';
import {
  builtPaths,
  type ComponentState,
  describePlan,
  describeSeconds,
  inspect,
  isMissing,
  parseInstallOptions,
  pathsOf,
  unusableOverride,
} from './install-plan.ts';

const HEARTBEAT_MS = 15_000;
/** What Go's caches of modules and of compiled packages grow to when everything is built. */
const GIGABYTES_OF_CACHE = 14;

interface Outcome {
  readonly name: string;
  readonly version: string;
  readonly status: 'present' | 'built' | 'failed' | 'skipped';
  /** Path of each program, by its name. */
  readonly binaries: Record<string, string>;
  /** How long the build took. */
  readonly seconds?: number;
  readonly error?: string;
  /** File with all that Go said. */
  readonly log?: string;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs the command. @returns its exit code: 0 all is there, 1 something is not, 2 wrongly used. */
async function install(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { components, json, help } = parseInstallOptions(args);
  if (help) {
    process.stdout.write(`${usage()}\n`);
    return 0;
  }
  const states = await inspect(components, environment);
  const unusable = unusableOverride(states);
  if (unusable) throw new StackError(`${unusable}. Correct or unset that variable.`);
  const missing = states.filter(isMissing).map(({ component }) => component);
  const outcomes = new Map(states.map((state) => [state.component.name, present(state)]));
  let failed = false;
  if (missing.length > 0) {
    say(describePlan(missing));
    const go = await findGo(missing, environment);
    await warnOfSmallDisk(go, missing);
    for (const outcome of await buildAll(missing, go, environment)) {
      outcomes.set(outcome.name, outcome);
      failed ||= outcome.status !== 'built';
    }
  }
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ok: !failed, components: [...outcomes.values()] }, null, 2)}\n`,
    );
  }
  if (!failed) say(describeSuccess(missing.length, outcomes.size, environment));
  return failed ? 1 : 0;
}

function present(state: ComponentState): Outcome {
  const { name, version } = state.component;
  return { name, version, status: 'present', binaries: pathsOf(state) };
}

async function buildAll(
  missing: readonly Component[],
  go: GoToolchain,
  environment: NodeJS.ProcessEnv,
): Promise<Outcome[]> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  const outcomes: Outcome[] = [];
  let pointless = false;
  for (const [index, component] of missing.entries()) {
    const { name, version } = component;
    if (pointless) {
      outcomes.push({ name, version, status: 'skipped', binaries: {} });
      continue;
    }
    const place = `[${index + 1}/${missing.length}] ${name} ${version}`;
    const outcome = await build(component, place, go, environment, stopping.signal);
    if (outcome instanceof BuildError) {
      const { message, log } = outcome;
      say(message);
      outcomes.push({ name, version, status: 'failed', binaries: {}, error: message, log });
      pointless = outcome.fatal;
    } else {
      outcomes.push(outcome);
    }
  }
  return outcomes;
}

async function build(
  component: Component,
  place: string,
  go: GoToolchain,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Outcome | BuildError> {
  const { name, version } = component;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let lines = 0;
  let last = '';
  const onLine = (line: string) => {
    lines += 1;
    last = line;
  };
  say(`${place}: building, about ${describeSeconds(component.seconds)}`);
  const heartbeat = setInterval(() => {
    say(`${place}: ${describeSeconds(elapsed())}, ${lines} steps${last ? `, now ${last}` : ''}`);
  }, HEARTBEAT_MS);
  try {
    const folder = await buildComponent(component, { go, environment, signal, onLine });
    const seconds = Math.round(elapsed());
    say(`${place}: built in ${describeSeconds(seconds)}`);
    return { name, version, status: 'built', binaries: builtPaths(component, folder), seconds };
  } catch (error) {
    if (signal.aborted) throw new Stopped(place);
    if (error instanceof BuildError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StackError(
      `${cacheFolder(environment)} cannot be written to (${message}). Make room or set XDG_CACHE_HOME to another folder, then run npm run stack:install again.`,
    );
  } finally {
    clearInterval(heartbeat);
  }
}

/** The person asked for the end. */
class Stopped extends StackError {
  constructor(place: string) {
    super(`stopped at ${place}. npm run stack:install continues there.`);
  }
}

/** A guess must not forbid anything: Go's caches may be half full already. */
async function warnOfSmallDisk(go: GoToolchain, missing: readonly Component[]): Promise<void> {
  const share = total(missing) / total(COMPONENTS);
  const needed = Math.ceil(GIGABYTES_OF_CACHE * share);
  const disk = await statfs(go.cache)
    .catch(() => statfs(dirname(dirname(go.cache))))
    .catch(() => undefined);
  if (!disk) return;
  const free = Math.floor((disk.bavail * disk.bsize) / 1e9);
  if (free < needed) {
    say(`Only ${free} GB are free for ${go.cache}; Go's caches may need ${needed} GB.`);
  }
}

function total(components: readonly Component[]): number {
  return components.reduce((sum, { seconds }) => sum + seconds, 0);
}

function describeSuccess(built: number, all: number, environment: NodeJS.ProcessEnv): string {
  if (built === 0) return `All ${all === 1 ? 'is' : `${all} components are`} there.`;
  return `Built ${built} into ${cacheFolder(environment)}. To free what Go keeps for later builds, of this and of other projects: go clean -cache -modcache`;
}

function usage(): string {
  return [
    'Usage: npm run stack:install [-- NAME…] [--json]',
    'Builds what is missing of the stack from pinned Go modules; nothing else is downloaded.',
    `Names: ${COMPONENTS.map(({ name }) => name).join(', ')}`,
  ].join('\n');
}

try {
  process.exitCode = await install(process.argv.slice(2), process.env);
} catch (error) {
  const sentence = error instanceof StackError ? error.message : describeFileError(error);
  if (sentence === undefined) throw error;
  say(`stack:install: ${sentence}`);
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ ok: false, error: sentence }, null, 2)}\n`);
  }
  if (error instanceof UsageError) say(usage());
  process.exitCode = error instanceof UsageError ? 2 : error instanceof Stopped ? 130 : 1;
}
