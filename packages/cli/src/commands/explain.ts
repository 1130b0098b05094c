/**
 * `breakwater explain`: what a trace id leads to.
 *
 * @module
 */
import {
  type BackendAddresses,
  backendAddresses,
  backendSources,
  remoteSources,
  type Sources,
} from '@breakwater/timeline';
import { parseArguments, readUrl } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { explain, explainIo } from '../explain/explain.ts';
import { readTraceArguments, TRACE_OPTIONS } from '../explain/trace-arguments.ts';
import { CONSOLE_PORT } from '../run/hand-over.ts';

/** Where `breakwater run` and `breakwater console` are found. */
export const CONSOLE_URL = `http://127.0.0.1:${CONSOLE_PORT}`;

export const help = `Usage: breakwater explain TRACE_ID [--console URL | --jaeger URL --loki URL --prometheus URL]

Tells what the id of one request leads to: how it ended, its spans with their log lines, the series it
was counted in, and what of that could not be read.

  --console URL     read a console's own store. Default: ${CONSOLE_URL}
  --jaeger URL, --loki URL, --prometheus URL
                    read these instead; one that is not named is looked for on its own port of 127.0.0.1
  --namespace NAME  service.namespace of the lines in Loki. Default: breakwater
  --wait SECONDS    how long to wait for what is on its way, 0 to 600. Default: 10
  --json            everything that is known, on standard output

Examples:
  breakwater explain 0af7651916cd43dd8448eb211c80319c
  breakwater explain 0af7651916cd43dd8448eb211c80319c --console http://127.0.0.1:9000 --json
  breakwater explain 0af7651916cd43dd8448eb211c80319c --jaeger http://jaeger:16686 --loki http://loki:3100

Exit codes: 0 it says whether the request failed; 1 nothing is known of the id; 2 used wrongly;
3 something is known, but not whether the request failed.`;

/** Options that say where telemetry is. */
export const SOURCE_OPTIONS = {
  console: { type: 'string' },
  jaeger: { type: 'string' },
  loki: { type: 'string' },
  prometheus: { type: 'string' },
  namespace: { type: 'string' },
} as const;

type SourceValues = { readonly [name in keyof typeof SOURCE_OPTIONS]?: string | undefined };

/** @returns the exit code */
export function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: { ...TRACE_OPTIONS, ...SOURCE_OPTIONS },
  });
  const asked = readTraceArguments(positionals, values);
  const { sources, next } = openSources(values);
  return explain(asked, explainIo('breakwater', sources, next));
}

/**
 * The sources that options name, and what to do when they do not respond.
 *
 * @throws {UsageError}
 */
export function openSources(values: SourceValues): { sources: Sources; next: string } {
  const { console, jaeger, loki, prometheus, namespace } = values;
  const backends = Object.entries({ jaeger, loki, prometheus }).filter(
    ([, url]) => url !== undefined,
  );
  if (backends.length > 0) {
    if (console !== undefined) throw new UsageError('name a console, or backends, not both');
    const named = backends.map(([name, url]) => [name, readUrl(name, url ?? '')]);
    const addresses: BackendAddresses = {
      ...backendAddresses({ SERVICE_NAMESPACE: namespace }),
      ...Object.fromEntries(named),
    };
    const pages = { ...addresses.pages, jaeger: addresses.jaeger };
    return {
      sources: backendSources({ ...addresses, pages }),
      next: 'Start what does not respond, or name where it is: --jaeger, --loki, --prometheus.',
    };
  }
  const url = readUrl('console', console ?? CONSOLE_URL);
  return {
    sources: remoteSources(`${url}/api/sources`, (traceId) => ({
      Console: `${url}/trace/${traceId}`,
    })),
    next: 'Start a console (breakwater run -- PROGRAM, breakwater console), or name one: --console URL.',
  };
}
