/**
 * Traces from Jaeger's query API.
 *
 * @module
 */
import { ask } from './backend-error.ts';
import { type OtlpTraces, readOtlp } from './otlp.ts';
import type { TraceSource } from './sources.ts';

/** Reads traces from Jaeger 2, API v3 (OTLP/JSON). */
export function jaeger(baseUrl: string): TraceSource {
  return {
    async get(traceId) {
      const spans = await ask({
        backend: 'Jaeger',
        url: `${baseUrl}/api/v3/traces/${traceId}`,
        read: (json) => {
          const { result } = json as { readonly result: OtlpTraces };
          if (!Array.isArray(result.resourceSpans)) throw new TypeError('no traces');
          const traces = readOtlp(result);
          const spans = traces.get(traceId)?.spans ?? [];
          const readable = spans.every(({ startMs }) => Number.isFinite(startMs));
          if (!readable || (traces.size > 0 && spans.length === 0)) throw new TypeError('no trace');
          return spans;
        },
        isAbsence: (json) =>
          (json as { error?: { httpCode?: unknown } } | null)?.error?.httpCode === 404,
      });
      return { found: spans ?? [] };
    },
  };
}
