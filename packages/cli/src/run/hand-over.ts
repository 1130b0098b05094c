/**
 * What `breakwater run` and the programs it runs tell each other.
 *
 * @module
 */

/** Where the console listens unless told otherwise. */
export const CONSOLE_PORT = 8090;
/** The variable with the folder of a run; without it the preload does nothing. */
export const RUN_FOLDER = 'BREAKWATER_RUN_DIR';
/** Below the folder: one `<service>-<pid>.log` a process, one JSON object a line. */
export const LOGS = 'logs';
/** Below the folder: one `<pid>.json` for each process that listens, a group of a `file_sd` file. */
export const TARGETS = 'targets';

/** A process that listens, as a group of a Prometheus `file_sd` file. */
export interface TargetGroup {
  /** Host and port of its metrics. */
  readonly targets: readonly [string];
  readonly labels: { readonly service_name: string };
}
