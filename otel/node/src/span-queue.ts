/**
 * A span processor that keeps spans while the collector is away and counts every one it loses.
 *
 * @module
 */
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

export interface SpanQueueOptions {
  readonly exporter: SpanExporter;
  /** Spans kept while they cannot be exported; the oldest stay, the newest are dropped. */
  readonly capacity?: number;
  readonly batchSize?: number;
  /** How long a span waits for company, in milliseconds. */
  readonly delayMs?: number;
  /** Wait after a failed export, doubled up to this, in milliseconds. */
  readonly maxBackoffMs?: number;
  readonly setTimer?: (callback: () => void, ms: number) => { unref?(): unknown };
}

/** What became of the spans of this process, for the metrics. */
export interface SpanCounts {
  readonly queued: number;
  readonly exported: number;
  readonly dropped: {
    readonly queueFull: number;
    readonly rejected: number;
    readonly shutdown: number;
  };
}

/**
 * Stands where the SDK's BatchSpanProcessor would: that one gives a batch up when its export fails
 * and counts what it drops nowhere. Here a failed batch goes back to the head of the queue and is
 * tried again until the collector takes it.
 */
export class SpanQueue implements SpanProcessor {
  readonly #exporter: SpanExporter;
  readonly #capacity: number;
  readonly #batchSize: number;
  readonly #delayMs: number;
  readonly #maxBackoffMs: number;
  readonly #setTimer: (callback: () => void, ms: number) => { unref?(): unknown };
  #queue: ReadableSpan[] = [];
  #draining: Promise<void> | undefined;
  #scheduled = false;
  #failures = 0;
  #stopped = false;
  #exported = 0;
  #droppedFull = 0;
  #droppedRejected = 0;
  #droppedAtShutdown = 0;

  constructor(options: SpanQueueOptions) {
    this.#exporter = options.exporter;
    this.#capacity = options.capacity ?? 32_768;
    this.#batchSize = options.batchSize ?? 512;
    this.#delayMs = options.delayMs ?? 500;
    this.#maxBackoffMs = options.maxBackoffMs ?? 5_000;
    this.#setTimer = options.setTimer ?? setTimeout;
  }

  get counts(): SpanCounts {
    return {
      queued: this.#queue.length,
      exported: this.#exported,
      dropped: {
        queueFull: this.#droppedFull,
        rejected: this.#droppedRejected,
        shutdown: this.#droppedAtShutdown,
      },
    };
  }

  onStart(_span: Span, _parentContext: Context): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 0) return;
    if (this.#stopped) {
      this.#droppedAtShutdown++;
      return;
    }
    if (this.#queue.length >= this.#capacity) {
      this.#droppedFull++;
      return;
    }
    this.#queue.push(span);
    const full = this.#queue.length >= this.#batchSize && this.#failures === 0;
    if (full) void this.#drain();
    else this.#schedule(this.#delayMs);
  }

  /** Exports what is queued; gives up at the first failed export, which stays queued. */
  async forceFlush(): Promise<void> {
    await this.#drain();
  }

  /** Exports what is queued, counts what could not be, and ends the exporter. */
  async shutdown(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#drain();
    this.#droppedAtShutdown += this.#queue.length;
    this.#queue = [];
    await this.#exporter.shutdown();
  }

  #schedule(ms: number): void {
    if (this.#scheduled || this.#draining || this.#stopped) return;
    this.#scheduled = true;
    this.#setTimer(() => {
      this.#scheduled = false;
      void this.#drain();
    }, ms).unref?.();
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#exportUntilFailure().finally(() => {
      this.#draining = undefined;
      if (this.#queue.length > 0) {
        this.#schedule(Math.min(this.#maxBackoffMs, this.#delayMs * 2 ** this.#failures));
      }
    });
    return this.#draining;
  }

  async #exportUntilFailure(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, this.#batchSize);
      const result = await this.#export(batch);
      if (result === 'failed') {
        this.#failures++;
        return;
      }
      this.#queue.splice(0, batch.length);
      this.#failures = 0;
      if (result === 'exported') this.#exported += batch.length;
      else this.#droppedRejected += batch.length;
    }
  }

  #export(batch: ReadableSpan[]): Promise<'exported' | 'failed' | 'rejected'> {
    return new Promise((resolve) => {
      // Outside of the request whose span happened to fill the batch.
      context.with(suppressTracing(ROOT_CONTEXT), () => {
        try {
          this.#exporter.export(batch, ({ code, error }) => {
            if (code === ExportResultCode.SUCCESS) resolve('exported');
            else resolve(isRejection(error) ? 'rejected' : 'failed');
          });
        } catch {
          // It cannot be serialised, and would not be the next time either.
          resolve('rejected');
        }
      });
    });
  }
}

/** A 4xx says that the same batch will never be taken (OTLP specification, "Failures"). */
function isRejection(error: (Error & { code?: unknown }) | undefined): boolean {
  const status = Number(error?.code);
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
