/**
 * What every `explain` takes on its command line.
 *
 * @module
 */
import { UsageError } from '../errors.ts';

/** What is to be explained, and how. */
export interface TraceArguments {
  readonly traceId: string;
  /** Machine-readable output. */
  readonly json: boolean;
  /** How long to wait for what is on its way, in milliseconds. */
  readonly waitMs: number;
}

/** The options, for `parseArgs` of Node. */
export const TRACE_OPTIONS = {
  json: { type: 'boolean', default: false },
  wait: { type: 'string', default: '10' },
} as const;

/** Longest wait that can be asked for, in seconds. */
const MAX_WAIT_S = 600;

/** @throws {UsageError} for anything but one trace id, or an odd wait */
export function readTraceArguments(
  words: readonly string[],
  values: { readonly json: boolean; readonly wait: string },
): TraceArguments {
  const [word = ''] = words;
  const traceId = word.toLowerCase();
  if (words.length !== 1 || word === '') throw new UsageError('explain needs one TRACE_ID');
  if (!/^[0-9a-f]{32}$/.test(traceId) || /^0+$/.test(traceId)) {
    throw new UsageError(`${word} is no trace id: one has 32 hex digits, not all zero`);
  }
  const seconds = Number(values.wait);
  if (values.wait.trim() === '' || !(seconds >= 0 && seconds <= MAX_WAIT_S)) {
    throw new UsageError(`--wait takes 0 to ${MAX_WAIT_S} seconds`);
  }
  return { traceId, json: values.json, waitMs: seconds * 1_000 };
}
