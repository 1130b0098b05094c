/**
 * Reading of command lines.
 *
 * @module
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
import { suggest } from './suggest.ts';

/**
 * `parseArgs` of Node whose complaints are about the command line, and name the option that was
 * meant.
 *
 * @throws {UsageError}
 */
export function parseArguments<T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { message } = error as Error;
    const unknown = /^Unknown option '(--[^']*)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const names = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    throw new UsageError(`there is no option ${unknown}${suggest(unknown, names)}`);
  }
}

/** @throws {UsageError} for what is no port */
export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError('--port takes a number from 0 to 65535; 0 is any that is free');
}

/** Without a slash at the end. @throws {UsageError} for what is no `http://` or `https://` URL */
export function readUrl(option: string, text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text.replace(/\/+$/, '');
  throw new UsageError(`--${option} takes a URL, such as http://127.0.0.1:8090`);
}

/** Longest wait that can be asked for, in seconds. */
const MAX_WAIT_S = 600;

/** @returns milliseconds @throws {UsageError} for what is no number of seconds from 0 to 600 */
export function readWait(option: string, text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= MAX_WAIT_S) return seconds * 1_000;
  throw new UsageError(`--${option} takes 0 to ${MAX_WAIT_S} seconds`);
}
