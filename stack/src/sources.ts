import { dirname } from 'node:path';
import {
  backendAddresses,
  backendSources,
  logFiles,
  remoteSources,
  type Sources,
} from '@breakwater/timeline';
import { loadEnvironment, runningStack } from './environment.ts';
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
 * log files, which can be read without it, else the backends.
 */
export function openSources(file: string): StackSources {
  const root = dirname(file);
  const environment = loadEnvironment(root);
  const paths = new StackPaths(root);
  const state = runningStack(root);
  if (state?.backends !== 'embedded') {
    const sources = backendSources(backendAddresses(environment));
    return { sources, backends: 'native', environment, paths };
  }
  const url = consoleAddress(state);
  const logs = logFiles(paths.serviceLogs);
  if (!url)
    return { sources: { ...WITHOUT_CONSOLE, logs }, backends: 'embedded', environment, paths };
  const links = (traceId: string) => ({ Console: `${url}/trace/${traceId}` });
  const sources = remoteSources(`${url}/api/sources`, links, logs);
  return { sources, backends: 'embedded', environment, paths };
}

const absent = () => Promise.reject(new Error('The embedded stack runs without its console'));
const WITHOUT_CONSOLE = {
  traces: { get: absent },
  metrics: { query: absent, exemplars: absent },
  links: () => ({}),
};
