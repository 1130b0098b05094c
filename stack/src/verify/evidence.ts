import type { Findings, LogLine, Sources, Span, TimeRange } from '@breakwater/timeline';
import type { Driven } from './drive.ts';
import { agrees, type CodeCount, countCodes, findGaps } from './join.ts';

/** What the backends have for the driven requests. */
export interface Evidence {
  /** Gaps by trace id; only of failing responses that are not joined. */
  readonly gaps: ReadonlyMap<string, readonly string[]>;
  readonly codes: readonly CodeCount[];
  /** Trace ids that exemplars of the run name and no trace stands behind. */
  readonly danglingExemplars: readonly string[];
  readonly exemplars: number;
  /** Why not all could be read, as sentences: what is missing then may be there. */
  readonly unread: readonly string[];
}

/** The series that are compared and whose exemplars are followed. */
const ERRORS = 'service_errors_total';
const EXEMPLAR_METRICS = [ERRORS, 'http_server_request_duration_seconds_bucket'];
const PARALLEL = 8;

/** Present raw values of the edge's error counter, by code. */
export async function errorCounts(
  sources: Sources,
  unread: Set<string> = new Set(),
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const findings = await sources.metrics.query(`${ERRORS}{service_name="gateway"}`);
  for (const { labels, value } of foundIn(findings, unread)) {
    const code = labels.error_code ?? '';
    counts.set(code, (counts.get(code) ?? 0) + value);
  }
  return counts;
}

/** Reads the evidence of a run, and keeps what was found whole between readings. */
export class EvidenceReader {
  readonly #sources: Sources;
  readonly #driven: readonly Driven[];
  readonly #failing: readonly Driven[];
  readonly #range: TimeRange;
  readonly #before: ReadonlyMap<string, number>;
  readonly #traces = new Map<string, readonly Span[]>();
  #unread = new Set<string>();

  constructor(
    sources: Sources,
    driven: readonly Driven[],
    range: TimeRange,
    before: ReadonlyMap<string, number>,
  ) {
    this.#sources = sources;
    this.#driven = driven;
    this.#failing = driven.filter(({ status }) => status >= 400);
    this.#range = range;
    this.#before = before;
  }

  async read(): Promise<Evidence> {
    this.#unread = new Set();
    const lines = foundIn(await this.#sources.logs.within(this.#range), this.#unread);
    const gaps = await this.#gaps(lines);
    const after = await errorCounts(this.#sources, this.#unread);
    const codes = countCodes(this.#driven, lines, this.#before, after);
    const named = await this.#exemplarTraces();
    const danglingExemplars = await this.#withoutTrace(named);
    const unread = [...this.#unread];
    return { gaps, codes, danglingExemplars, exemplars: named.length, unread };
  }

  async #gaps(lines: readonly LogLine[]): Promise<Map<string, string[]>> {
    const byTrace = Map.groupBy(lines, ({ traceId }) => traceId ?? '');
    const gaps = new Map<string, string[]>();
    await inParallel(this.#failing, async (driven) => {
      const ofTrace = byTrace.get(driven.traceId) ?? [];
      let found = findGaps(driven, this.#traces.get(driven.traceId), ofTrace);
      if (found.length > 0) {
        found = findGaps(driven, await this.#fetch(driven.traceId), ofTrace);
      }
      if (found.length > 0) gaps.set(driven.traceId, found);
    });
    return gaps;
  }

  async #exemplarTraces(): Promise<string[]> {
    const found = await Promise.all(
      EXEMPLAR_METRICS.map((metric) => this.#sources.metrics.exemplars(metric, this.#range)),
    );
    const exemplars = found.flatMap((findings) => foundIn(findings, this.#unread));
    return [...new Set(exemplars.map(({ traceId }) => traceId))];
  }

  async #withoutTrace(traceIds: readonly string[]): Promise<string[]> {
    const missing: string[] = [];
    await inParallel(traceIds, async (traceId) => {
      if (!this.#traces.has(traceId) && !(await this.#fetch(traceId))) missing.push(traceId);
    });
    return missing;
  }

  /** The spans of a trace; undefined while there is none. */
  async #fetch(traceId: string): Promise<readonly Span[] | undefined> {
    const findings = await this.#sources.traces.get(traceId);
    const { found } = findings;
    if (found.length === 0) {
      foundIn(findings, this.#unread);
      return undefined;
    }
    this.#traces.set(traceId, found);
    return found;
  }
}

function foundIn<T>({ found, incomplete }: Findings<T>, unread: Set<string>): readonly T[] {
  if (incomplete !== undefined) unread.add(incomplete);
  return found;
}

/** Whether nothing is missing, nothing dangles, and the three counts of every code agree. */
export function isComplete({ gaps, codes, danglingExemplars }: Evidence): boolean {
  return gaps.size === 0 && danglingExemplars.length === 0 && codes.every(agrees);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const pending = [...items];
  const worker = async () => {
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
