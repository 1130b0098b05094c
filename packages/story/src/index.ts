/**
 * The story of a request, read from traces, log lines and metrics.
 *
 * @module
 */
export { backendSources } from './backends.ts';
export {
  type EmbeddedOptions,
  type EmbeddedTelemetry,
  embeddedSources,
} from './embedded/embedded-sources.ts';
export { logFiles } from './embedded/log-files.ts';
export {
  MAX_OTLP_BYTES,
  type OtlpBody,
  OtlpBodyError,
  readOtlpBody,
} from './embedded/otlp-body.ts';
export { TraceRing, type TraceRingOptions } from './embedded/trace-ring.ts';
export { jaeger } from './jaeger.ts';
export { answeredRequest, compareLines, parseLogLine } from './log-line.ts';
export { loki } from './loki.ts';
export type * from './model.ts';
export { type OtlpTraces, readOtlp } from './otlp.ts';
export { prometheus } from './prometheus.ts';
export { answerQuestion, remoteSources } from './remote.ts';
export {
  type AnswerQuery,
  BackendError,
  type LiveSources,
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
