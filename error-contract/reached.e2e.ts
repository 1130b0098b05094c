/**
 * Reaches every code that a live service can answer by a natural request or a real fault, checks
 * each answer against the contract and the log, and prints which code was reached how.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { currentErrorsPage, ERRORS_PAGE } from './current-errors-page.ts';
import './reached/refusals.ts';
import './reached/business.ts';
import './reached/console.ts';
import './reached/dependencies.ts';
import './reached/database.ts';
import { fleet, names, witness } from './reached/scene.ts';

test('docs/errors.md says what the services say', async () => {
  const [written, current] = [await readFile(ERRORS_PAGE, 'utf8'), await currentErrorsPage(fleet)];
  assert.equal(written, current, 'docs/errors.md is out of date: npm run errors:build');
});

test('every code was reached, nothing undeclared was answered, each failure has one line', async () => {
  const checked = await witness.checkLines();
  const answerable = new Map<string, string[]>();
  for (const name of names) {
    const { body } = await fleet.operate(name)('GET', '/errors');
    const entries: { code: string; undeclared_by?: string[] }[] = body.errors;
    assert.deepEqual(
      entries.filter((entry) => entry.undeclared_by),
      [],
      `${name} answers what it does not declare`,
    );
    answerable.set(
      name,
      entries.map(({ code }) => code),
    );
  }
  assert.deepEqual(witness.undeclared(), []);
  const codes = [...new Set([...answerable.values()].flat())].sort();
  const missing: string[] = [];
  for (const code of codes) {
    const ways = names.flatMap((name) => {
      const step = witness.reached.get(name)?.get(code);
      return step === undefined ? [] : [`${name}: ${step}`];
    });
    if (ways.length === 0) missing.push(code);
    console.log(`${code.padEnd(26)} ${ways.join(' | ')}`);
  }
  for (const [name, own] of answerable) {
    const rest = own.filter((code) => !witness.reached.get(name)?.has(code));
    if (rest.length > 0) console.log(`not reached at ${name}: ${rest.join(' ')}`);
  }
  console.log(`${checked} failed answers, each with its one line`);
  assert.deepEqual(missing, [], 'no service was brought to answer these');
});
