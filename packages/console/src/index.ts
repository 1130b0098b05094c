/**
 * The console as a library: live circuits, failures and their traces, experiments.
 *
 * @module
 */
export { type Console, type ConsoleOptions, createConsole } from './create-console.ts';
export type { ExperimentsOptions } from './experiments/experiments.ts';
export type { Telemetry, TelemetryOptions } from './telemetry.ts';
