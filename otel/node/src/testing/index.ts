/**
 * What tests of telemetry need.
 *
 * @module
 */
export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';
