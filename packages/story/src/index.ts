/**
 * The story of a request, read from traces, log lines and metrics.
 *
 * @module
 */
export { backendSources } from './backends.ts';
export { jaeger } from './jaeger.ts';
export { compareLines, parseLogLine } from './log-line.ts';
export { loki } from './loki.ts';
export type * from './model.ts';
export { type OtlpTraces, readOtlp } from './otlp.ts';
export { prometheus } from './prometheus.ts';
export {
  BackendError,
  type LogSource,
  type MetricSource,
  type Sources,
  type TraceSource,
} from './sources.ts';
export {
  type Answer,
  readStory,
  type Story,
  type StoryEntry,
  type StorySpan,
  tellStory,
} from './story.ts';
