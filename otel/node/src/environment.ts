/**
 * The environment that telemetry is set up from: the one place, beside the start-up hook, where this
 * package looks at it.
 *
 * @module
 */

/** The variables of this process. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}
