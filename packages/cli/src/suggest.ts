/**
 * A word that was probably meant by another.
 *
 * @module
 */

/** More than two slips in a word make it another one. */
const MOST_SLIPS = 2;

/** `; did you mean "start"?`, when one of the names is close to the word; else nothing. */
export function suggest(word: string, names: readonly string[]): string {
  const [closest] = names
    .map((name) => ({ name, slips: slips(word, name) }))
    .filter(({ name, slips }) => slips <= Math.min(MOST_SLIPS, name.length - 2))
    .sort((a, b) => a.slips - b.slips);
  return closest ? `; did you mean "${closest.name}"?` : '';
}

/** Letters to insert, remove, replace, or swap with the next: optimal string alignment. */
function slips(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (same ? 0 : 1),
        i > 1 && j > 1 && swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(from.length, to.length);
}
