import type { Injection, Statement, Verdict } from '@breakwater/console/experiments';

/** What the statements and faults of a run that went to its end say about the system, and why. */
export function verdictOf(
  statements: readonly Statement[],
  injections: readonly Injection[],
): { readonly verdict: Verdict; readonly reason: string } {
  const missed = injections.find(({ landed }) => !landed);
  if (missed) {
    const reason = `"${missed.name}" did not land: ${missed.proof}`;
    return { verdict: 'inconclusive', reason };
  }
  const [first, ...others] = statements.filter(({ held }) => !held);
  if (!first) return { verdict: 'passed', reason: `all ${statements.length} statements held` };
  const more = others.length > 0 ? `; and ${others.length} more` : '';
  const reason = `${first.name}: expected ${first.expected}, observed ${first.observed}${more}`;
  return { verdict: 'failed', reason };
}
