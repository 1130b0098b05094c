import { dirname } from 'node:path';
import { backendSources, logFiles, remoteSources, type Sources } from '@breakwater/story';
import { loadEnvironment, runningStack } from './environment.ts';
import { StackError } from './errors.ts';
import type { Variables } from './interpolate.ts';
import { StackPaths } from './stack-paths.ts';
import type { Backends } from './state-file.ts';
import { consoleAddress } from './summary.ts';

/** Where the telemetry of a stack is read, and the variables that say where everything is. */
export interface StackSources {
  readonly sources: Sources;
  readonly backends: Backends;
  readonly environment: Variables;
  readonly paths: StackPaths;
}

/**
 * The sources of the stack of a compose file: of the one that runs embedded the console's and the
 * log files, else the backends.
 *
 * @throws StackError when an embedded stack runs without its console
 */
export function openSources(file: string): StackSources {
  const root = dirname(file);
  const environment = loadEnvironment(root);
  const paths = new StackPaths(root);
  const state = runningStack(root);
  if (state?.backends !== 'embedded') {
    return { sources: backendSources(environment), backends: 'native', environment, paths };
  }
  const url = consoleAddress(state);
  if (!url) throw new StackError('The embedded stack runs without its console.');
  const links = (traceId: string) => ({ Console: `${url}/trace/${traceId}` });
  const sources = remoteSources(`${url}/api/sources`, logFiles(paths.serviceLogs), links);
  return { sources, backends: 'embedded', environment, paths };
}
