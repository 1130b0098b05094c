/**
 * A setting of telemetry that cannot be honoured.
 *
 * @module
 */

/** Telemetry is not configured as it could run. One sentence for each setting says how. */
export class TelemetrySettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }

  override get name(): string {
    return 'TelemetrySettingsError';
  }
}
