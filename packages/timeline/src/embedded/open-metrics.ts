/**
 * Reads the text that a service answers `/metrics` with (OpenMetrics 1.0).
 *
 * @module
 */
import type { Exemplar, Series } from '../model.ts';

/** The series of one scrape, and the exemplars they carry. */
export interface Scrape {
  readonly series: readonly Series[];
  readonly exemplars: readonly Exemplar[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)/;
const EXEMPLAR = / # \{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} \S+(?: (\S+))?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Lines that are no samples, or have no value (`NaN`), are passed over. `added` are labels that every series gets, as a
 * Prometheus gives those of its target. `wanted` spares the work for lines that nobody looks at.
 */
export function parseOpenMetrics(
  page: string,
  added: Readonly<Record<string, string>>,
  wanted: (line: string) => boolean = () => true,
): Scrape {
  const series: Series[] = [];
  const exemplars: Exemplar[] = [];
  for (const slice of page.split('\n')) {
    if (slice.startsWith('#') || !wanted(slice)) continue;
    const line = copy(slice);
    const sample = SAMPLE.exec(line);
    if (!sample) continue;
    const [, name = '', pairs = '', text = ''] = sample;
    const value = Number(text.replace('Inf', 'Infinity'));
    if (Number.isNaN(value)) continue;
    const labels = { __name__: name, ...parseLabels(pairs), ...added };
    series.push({ labels, value });
    const exemplar = line.includes(' # {') ? EXEMPLAR.exec(line) : null;
    const traceId = exemplar && parseLabels(exemplar[1] ?? '').trace_id;
    if (!traceId) continue;
    exemplars.push({ metric: name, labels, traceId, timeMs: Number(exemplar[2]) * 1_000 });
  }
  return { series, exemplars };
}

/**
 * V8 keeps a part of a string as a view of the whole: one label that is kept would keep its page,
 * of some hundred kilobytes, and there is another page every two seconds.
 */
function copy(slice: string): string {
  return Buffer.from(slice).toString();
}

function parseLabels(pairs: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of pairs.matchAll(LABEL)) labels[name] = plainText(value);
  return labels;
}

function plainText(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
}
