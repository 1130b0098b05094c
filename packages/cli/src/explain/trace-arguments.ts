/**
 * What every `explain` takes on its command line.
 *
 * @module
 */
import { readWait } from '../arguments.ts';
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
  return { traceId, json: values.json, waitMs: readWait('wait', values.wait) };
}
