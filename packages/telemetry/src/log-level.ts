/**
 * Which lines are written.
 *
 * @module
 */
import { TelemetrySettingsError } from './settings-error.ts';

/** Levels from the most to the least severe: winston's (those of npm). */
export const LOG_LEVELS = ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A level in any case; `info` where there is none. winston would take an unknown one for the most
 * severe, and leave every other line out.
 *
 * @throws {TelemetrySettingsError} when there is no such level; the message names it as `name`.
 */
export function parseLogLevel(text: string | undefined, name = 'LOG_LEVEL'): LogLevel {
  const wanted = text?.trim().toLowerCase();
  if (!wanted) return 'info';
  const level = LOG_LEVELS.find((known) => known === wanted);
  if (level) return level;
  throw new TelemetrySettingsError([`${name}=${text} is not ${LOG_LEVELS.join(' or ')}`]);
}
