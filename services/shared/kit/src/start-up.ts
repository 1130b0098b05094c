/**
 * Runs a service's start-up so that a failure is one clear line and a non-zero exit.
 *
 * @module
 */
import { toAppError } from '@breakwater/errors';
import { closeLogger, exceptionFields, type Logger, telemetry } from '@breakwater/otel';
import { ConfigurationError } from './config.ts';
import { databaseErrors } from './database-errors.ts';

/**
 * @example
 * await startUp(logger, async () => {
 *   const config = Config.read(process.env, readConfig);
 *   await runService(createApp({ logger }), config);
 * });
 */
export async function startUp(logger: Logger, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.exitCode = 1;
    const reason = error instanceof Error ? error.message : String(error);
    const known = error instanceof ConfigurationError;
    logger.error(
      `cannot start: ${reason}`,
      known ? {} : exceptionFields(toAppError(error, [databaseErrors])),
    );
    await closeLogger(logger);
    await telemetry()?.shutdown();
  }
}
