import type { Journal } from '@breakwater/console/experiments';

/** A journal for the terminal: each statement, expected against observed. */
export function renderJournal(journal: Journal): string {
  const { experiment, verdict, reason, statements, injections, undo_verified, testid } = journal;
  return [
    ...statements.map(
      ({ held, during, name, expected, observed }) =>
        `  ${held ? '✓' : '✗'} ${during}: ${name}\n      expected ${expected}; observed ${observed}`,
    ),
    ...injections.map(
      ({ landed, name, proof }) => `  ${landed ? '✓' : '✗'} landed: ${name} (${proof})`,
    ),
    `  ${undo_verified ? '✓ undone, and seen to be' : '✗ the undo is not verified'}`,
    `${experiment} ${verdict.toUpperCase()}: ${reason} (testid ${testid})`,
  ].join('\n');
}
