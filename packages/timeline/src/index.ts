/**
 * Timeline of a request, read from traces, log lines and metrics.
 *
 * @module
 */
export { type AnswerFields, answerFields } from './answer-fields.ts';
export { BackendError } from './backend-error.ts';
export { type BackendAddresses, backendAddresses, backendSources } from './backends.ts';
export {
  type EmbeddedOptions,
  type EmbeddedTelemetry,
  embeddedSources,
} from './embedded/embedded-sources.ts';
export { LineRing, type LineRingOptions } from './embedded/line-ring.ts';
export { logFiles } from './embedded/log-files.ts';
export {
  MAX_OTLP_BYTES,
  mediaType,
  OTLP_TYPES,
  type OtlpBody,
  OtlpBodyError,
  type OtlpSignals,
  readOtlpBody,
} from './embedded/otlp-body.ts';
export { TraceRing, type TraceRingOptions } from './embedded/trace-ring.ts';
export { type Evidence, isComplete, type TimelineEvidence } from './evidence.ts';
export { jaeger } from './jaeger.ts';
export { answeredRequest, compareLines, parseLogLine } from './log-line.ts';
export { loki } from './loki.ts';
export type * from './model.ts';
export { type OtlpTraces, readOtlp } from './otlp.ts';
export { type OtlpLogs, readOtlpLogs } from './otlp-logs.ts';
export { prometheus } from './prometheus.ts';
export { type AnswerList, type ListedAnswer, readAnswers } from './read-answers.ts';
export { answerQuestion, remoteSources, SOURCE_QUESTIONS } from './remote.ts';
export type {
  AnswerQuery,
  Findings,
  LiveSources,
  LogSource,
  MetricSource,
  Sources,
  TraceSource,
} from './sources.ts';
export {
  isKnown,
  makeTimeline,
  type ReadTimelineOptions,
  readTimeline,
  type Timeline,
  type TimelineEntry,
  type TimelineSpan,
  timelineLines,
} from './timeline.ts';
export type { TracedRequest, Witness } from './traced-requests.ts';
export { judge, type Verdict } from './verdict.ts';
