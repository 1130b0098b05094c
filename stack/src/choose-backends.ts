import { execFile } from 'node:child_process';
import type { ComposeFile } from './compose-file.ts';
import { findOnPath } from './find-component.ts';
import type { Variables } from './interpolate.ts';
import { type FindProgram, hostVariable } from './native-plan.ts';
import type { Backends } from './state-file.ts';

/** Without any of these a failure cannot be followed to its trace, lines and metric. */
const NEEDED = ['collector', 'loki', 'jaeger', 'prometheus'];

/** An engine that is there answers at once, in milliseconds. */
const ENGINE_TIMEOUT_MS = 3_000;

/** Where telemetry is kept in this run, and what of the backends is missing. */
export interface Choice {
  readonly backends: Backends;
  /** Whether somebody said so. */
  readonly forced: boolean;
  /** Names of the entries whose programs are missing. */
  readonly missing: readonly string[];
}

/**
 * Decides where telemetry is kept: in the backends where the programs of all that are needed are
 * there, or run elsewhere; else embedded, if the list has a part for that.
 */
export async function chooseBackends(
  { entries }: Pick<ComposeFile, 'entries'>,
  environment: Variables,
  find: FindProgram,
  forced?: Backends,
): Promise<Choice> {
  const looked = await Promise.all(
    NEEDED.map(async (name) => {
      const entry = entries.get(name);
      const [program] = entry?.native?.command ?? [];
      if (!program || environment[hostVariable(name)]) return [];
      return 'path' in (await find(program)) ? [] : [name];
    }),
  );
  const missing = looked.flat();
  if (forced) return { backends: forced, forced: true, missing };
  const canEmbed = [...entries.values()].some(({ embedded }) => embedded);
  const backends = missing.length > 0 && canEmbed ? 'embedded' : 'native';
  return { backends, forced: false, missing };
}

/** Says what was decided and why. */
export function describeChoice({ backends, forced, missing }: Choice): string | undefined {
  if (backends === 'native') return undefined;
  const why = forced ? 'as you said' : `not installed: ${missing.join(', ')}`;
  return `Embedded (${why}): the console keeps traces in memory, reads logs from their files and metrics from the services.`;
}

/** Says how to get the backends that are missing; undefined when none is. */
export async function describeRemedy(
  { missing }: Choice,
  environment: Variables,
): Promise<string | undefined> {
  if (missing.length === 0) return undefined;
  const command = (await hasEngine(environment))
    ? '"docker compose up" runs everything'
    : '"npm run stack:install" builds them; it takes minutes, once, and needs Go';
  return `For Grafana, Jaeger, Loki and Prometheus in its place: ${command}.`;
}

async function hasEngine(environment: Variables): Promise<boolean> {
  const docker = await findOnPath('docker', environment.PATH);
  if (!docker) return false;
  const words = ['version', '--format', '{{.Server.Version}}'];
  return new Promise((resolve) => {
    execFile(docker, words, { timeout: ENGINE_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error) =>
      resolve(!error),
    );
  });
}
