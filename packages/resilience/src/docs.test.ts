import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { evidenceOf, isReplaceable, isRetryable, outcomeWord } from './deciders.ts';
import { EVENTS, METRICS } from './names.ts';
import { AttemptOutcome, ENDINGS } from './outcome.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = readFileSync(join(root, 'docs/resilience.md'), 'utf8');
const snippets = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
const run = promisify(execFile);

let directory: string;
const file = (index: number) => join(directory, `snippet-${index + 1}.ts`);

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'breakwater-docs-'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  for (const [index, code] of snippets.entries()) writeFileSync(file(index), code);
});

after(() => rmSync(directory, { recursive: true }));

test('every snippet of docs/resilience.md compiles', async () => {
  assert.ok(snippets.length >= 10, `${snippets.length} snippets`);
  const config = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] };
  const types = { typeRoots: [join(root, 'node_modules/@types')], noUnusedLocals: false };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ ...config, compilerOptions: types }),
  );
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', directory]).catch((error) => {
    assert.fail(error.stdout);
  });
});

test('every snippet of docs/resilience.md runs', async () => {
  const script = snippets.map((_, index) => `await import(${JSON.stringify(file(index))});`);
  writeFileSync(join(directory, 'all.ts'), script.join('\n'));
  await run(process.execPath, [join(directory, 'all.ts')]).catch((error) => {
    assert.fail(error.stderr);
  });
});

test('the table of endings in docs/resilience.md says what the defaults decide', () => {
  const rows = [
    ...page.matchAll(/^\| `(\w+)` \|[^|]+\| (\w+) \| (\w+)\S? \| (\w+)\S? \| (\w+) \|$/gm),
  ];
  const said = rows.map(([, ...words]) => words);
  const yes = (answer: boolean) => (answer ? 'yes' : 'no');
  const decided = ENDINGS.filter((ending) => ending !== 'succeeded').map((ending) => {
    const outcome = new AttemptOutcome(ending, new Error('any'));
    const [retry, fallback] = [isRetryable(outcome), isReplaceable(outcome)];
    return [ending, evidenceOf(outcome), yes(retry), yes(fallback), outcomeWord(outcome)];
  });
  assert.deepEqual(said.sort(), decided.sort());
});

test('docs/resilience.md names every metric and event there is, and no other', () => {
  const named = new Set(page.match(/resilience_\w+/g));
  assert.deepEqual(
    Object.values(METRICS).filter((name) => !named.has(name)),
    [],
  );
  const known: readonly string[] = Object.values(METRICS);
  assert.deepEqual(
    [...named].filter((name) => !known.includes(name)),
    [],
  );
  for (const event of Object.values(EVENTS)) assert.ok(page.includes(`\`${event}\``), event);
});
