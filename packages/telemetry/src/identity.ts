/**
 * Who writes a line.
 *
 * @module
 */

/** What every span, log line and metric of a service is told apart by. */
export interface Identity {
  readonly serviceName: string;
  /** What the service is a part of (`service.namespace`). Default: not said. */
  readonly namespace?: string;
  /** Where it runs, as `production` (`deployment.environment.name`). Default: not said. */
  readonly environment?: string;
}
