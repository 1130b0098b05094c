/**
 * The newest log lines that came by OTLP, in memory and within bounds.
 *
 * @module
 */
import { answeredRequest, compareLines } from '../log-line.ts';
import type { Bound, LogLine, TimeRange } from '../model.ts';
import { type OtlpLogs, readOtlpLogs } from '../otlp-logs.ts';
import type { Findings, LogSource } from '../sources.ts';
import { KeptAnswers } from './kept-answers.ts';
import { OtlpBodyError } from './otlp-body.ts';

export interface LineRingOptions {
  /** Bytes of all lines as text. Default: 8 MiB. */
  readonly maxLineBytes?: number;
  /** Wall clock, in Unix milliseconds. */
  readonly now?: () => number;
}

/** Bytes of one line as text, as in a log file. */
const MAX_LINE_BYTES = 64 * 1024;
/** What keeping a line takes beside its text, about. */
const OVERHEAD_BYTES = 128;

/** A line as text, which the garbage collector need not look into. */
interface KeptLine {
  readonly timeMs: number;
  readonly traceId: string | undefined;
  readonly text: string;
}

/** Lines in the order of their arrival; the oldest go first. */
export class LineRing implements LogSource {
  /** The answers that lines tell of. */
  readonly answers = new KeptAnswers();
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #sinceMs: number;
  /** By a number that counts up; a map keeps their order. */
  readonly #lines = new Map<number, KeptLine>();
  readonly #ofTrace = new Map<string, Set<number>>();
  #next = 0;
  #bytes = 0;
  #evicted = 0;

  constructor(options: LineRingOptions = {}) {
    this.#maxBytes = options.maxLineBytes ?? 8 * 1024 * 1024;
    this.#now = options.now ?? Date.now;
    this.#sinceMs = this.#now();
  }

  /**
   * Takes the records of one export.
   *
   * @returns how many were not taken, for being larger than 64 KiB or without a readable time
   * @throws {OtlpBodyError} 400 when it cannot be read; nothing of it is kept then
   */
  add(payload: OtlpLogs): number {
    let lines: LogLine[];
    try {
      lines = readOtlpLogs(payload, this.#now());
    } catch (cause) {
      throw new OtlpBodyError(400, 'The body is no ExportLogsServiceRequest.', cause);
    }
    const refused = lines.filter((line) => !this.#keep(line)).length;
    this.#makeRoom();
    return refused;
  }

  async ofTrace(traceId: string, range: TimeRange): Promise<Findings<LogLine>> {
    const kept = [...(this.#ofTrace.get(traceId) ?? [])].flatMap((at) => this.#lines.get(at) ?? []);
    return this.#findings(kept, range);
  }

  async within(range: TimeRange): Promise<Findings<LogLine>> {
    return this.#findings([...this.#lines.values()], range);
  }

  /** How full it is. */
  bounds(): Bound[] {
    return [
      {
        name: 'bytes of lines by OTLP',
        used: this.#bytes,
        limit: this.#maxBytes,
        unit: 'bytes',
        atLimit: 'The oldest lines go.',
        dropped: this.#evicted,
      },
    ];
  }

  #findings(kept: readonly KeptLine[], { fromMs, toMs }: TimeRange): Findings<LogLine> {
    const found = kept
      .filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
      .map(({ text }) => JSON.parse(text) as LogLine)
      .sort(compareLines);
    if (this.#evicted === 0) return { found };
    const since = new Date(this.#sinceMs).toISOString();
    return {
      found,
      incomplete: `Of the lines that came by OTLP since ${since} the oldest ${this.#evicted} have gone.`,
    };
  }

  #keep(line: LogLine): boolean {
    const text = JSON.stringify(line);
    if (text.length > MAX_LINE_BYTES || !Number.isFinite(line.timeMs)) return false;
    const { traceId, timeMs } = line;
    const at = this.#next++;
    this.#lines.set(at, { timeMs, traceId, text });
    this.#bytes += text.length + OVERHEAD_BYTES;
    if (traceId !== undefined) {
      const ofTrace = this.#ofTrace.get(traceId) ?? new Set();
      this.#ofTrace.set(traceId, ofTrace.add(at));
    }
    const answer = answeredRequest(line);
    if (answer) this.answers.add(answer);
    return true;
  }

  #makeRoom(): void {
    for (const [at, { traceId, text }] of this.#lines) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#lines.delete(at);
      this.#bytes -= text.length + OVERHEAD_BYTES;
      this.#evicted++;
      const ofTrace = traceId === undefined ? undefined : this.#ofTrace.get(traceId);
      if (traceId !== undefined && ofTrace?.delete(at) && ofTrace.size === 0) {
        this.#ofTrace.delete(traceId);
      }
    }
  }
}
