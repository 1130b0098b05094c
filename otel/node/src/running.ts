/**
 * The SDK this process runs, found without importing the SDK.
 *
 * @module
 */
import type { SpanQueue } from './span-queue.ts';

/** A running SDK. */
export interface Telemetry {
  /** Undefined with `OTEL_TRACES_EXPORTER=none`. */
  readonly spans: SpanQueue | undefined;
  /** Sends what is queued and stops. */
  shutdown(): Promise<void>;
}

let running: Telemetry | undefined;

/** The SDK of this process; undefined when the start-up hook did not run. */
export function telemetry(): Telemetry | undefined {
  return running;
}

/** Called by the SDK's start. */
export function setTelemetry(started: Telemetry): void {
  running = started;
}
