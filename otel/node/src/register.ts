/**
 * Start-up hook: `node --import @breakwater/otel/register services/x/src/main.ts`.
 *
 * The loader hook must stand before any instrumented module is imported; it wraps only those that
 * the enabled instrumentations patch, since wrapping everything breaks some modules.
 *
 * @module
 */
import { register } from 'import-in-the-middle/register-hooks.mjs';

process.env.OTEL_METRICS_EXPORTER ??= 'none';
process.env.OTEL_LOGS_EXPORTER ??= 'none';
register({ include: ['http', 'node:http', 'https', 'node:https', 'pg', 'pg-pool'] });

const { startTelemetry } = await import('./sdk.ts');
startTelemetry();
