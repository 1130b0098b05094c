/** A sample of a service's `/metrics`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The samples of one metric in a text of the Prometheus or OpenMetrics format. */
export function samplesOf(text: string, metric: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith(metric)) return [];
    // What stands behind " # " is an exemplar.
    const [series = ''] = line.split(' # ');
    const match = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(series);
    if (match?.[1] !== metric) return [];
    const labels = [...(match[2] ?? '').matchAll(LABEL)].map(([, name, value]) => [name, value]);
    return [{ labels: Object.fromEntries(labels), value: Number(match[3]) }];
  });
}

/** Their sum, of those with the labels. */
export function sumOf(
  samples: readonly Sample[],
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels);
  return samples
    .filter((sample) => wanted.every(([name, value]) => sample.labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
