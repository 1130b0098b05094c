/**
 * The order in which a weighted mix takes its turns.
 *
 * @module
 */

/**
 * Names as often as their weights say, spread evenly, so that any stretch of a run has nearly the
 * same mix and every run the same order (smooth weighted round robin, as nginx has it).
 *
 * @param weights whole numbers; their sum is the length of the schedule
 */
export function schedule<Name extends string>(weights: Readonly<Record<Name, number>>): Name[] {
  const entries = (Object.entries(weights) as [Name, number][]).map(([name, weight]) => ({
    name,
    weight,
    credit: 0,
  }));
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: total }, () => {
    for (const entry of entries) entry.credit += entry.weight;
    const next = entries.reduce((best, entry) => (entry.credit > best.credit ? entry : best));
    next.credit -= total;
    return next.name;
  });
}
