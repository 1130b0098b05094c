/**
 * Start-up hook: `node --import @breakwater/otel/register services/x/src/main.ts`.
 *
 * The loader hook must stand before any instrumented module is imported; it wraps only those that
 * the enabled instrumentations patch, since wrapping everything breaks some modules. A variable that
 * cannot be honoured ends the process with a line that says so, before the service begins.
 *
 * @module
 */
import { register } from 'import-in-the-middle/register-hooks.mjs';

register({ include: ['http', 'node:http', 'https', 'node:https', 'pg', 'pg-pool'] });

const { startTelemetry } = await import('./sdk.ts');
const { TelemetrySettingsError } = await import('@breakwater/telemetry/core');
try {
  startTelemetry();
} catch (error) {
  if (!(error instanceof TelemetrySettingsError)) throw error;
  const { createLogger } = await import('./logger.ts');
  createLogger({ level: 'info' }).error(`cannot start: ${error.message}`);
  process.exit(1);
}
