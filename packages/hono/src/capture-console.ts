/**
 * Libraries that print to the console write to the log instead: one JSON object a line, with the
 * trace of the request they were called for.
 *
 * @module
 */
import { formatWithOptions } from 'node:util';
import type { AppError } from '@breakwater/errors';
import { exceptionFields, type Logger } from '@breakwater/telemetry';

const LEVELS = { error: 'error', warn: 'warn', info: 'info', log: 'info', debug: 'debug' } as const;

/** Redirects `console` to the logger; returns a function that undoes it. */
export function captureConsole(
  logger: Logger,
  toAppError: (thrown: unknown) => AppError,
  target: Console = console,
): () => void {
  const methods = Object.keys(LEVELS) as (keyof typeof LEVELS)[];
  const originals = methods.map((method) => [method, target[method]] as const);
  for (const method of methods) {
    target[method] = (...args: unknown[]) => {
      const error = args.find((argument) => argument instanceof Error);
      const texts = args.map((argument) =>
        argument instanceof Error ? argument.message : argument,
      );
      const message = formatWithOptions({ depth: 3, breakLength: Infinity }, ...texts);
      logger.log(LEVELS[method], message, error ? exceptionFields(toAppError(error)) : {});
    };
  }
  return () => {
    for (const [method, original] of originals) target[method] = original;
  };
}
