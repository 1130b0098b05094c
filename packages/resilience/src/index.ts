/**
 * One policy per dependency, with its telemetry.
 *
 * @module
 */
export * from './deadline.ts';
