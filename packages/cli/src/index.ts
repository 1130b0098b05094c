/**
 * What other command lines take from this one.
 *
 * @module
 */
export { type ExplainIo, explain, explainIo } from './explain/explain.ts';
export {
  readTraceArguments,
  TRACE_OPTIONS,
  type TraceArguments,
} from './explain/trace-arguments.ts';
