/**
 * Traces from Jaeger's query API.
 *
 * @module
 */
import { type OtlpTraces, readOtlp } from './otlp.ts';
import { fetchJson, type TraceSource } from './sources.ts';

/** Reads traces from Jaeger 2, API v3 (OTLP/JSON). */
export function jaeger(baseUrl: string): TraceSource {
  return {
    async get(traceId) {
      const answer = (await fetchJson('Jaeger', `${baseUrl}/api/v3/traces/${traceId}`)) as
        | { readonly result?: OtlpTraces }
        | undefined;
      return answer?.result ? readOtlp(answer.result).get(traceId) : undefined;
    },
  };
}
