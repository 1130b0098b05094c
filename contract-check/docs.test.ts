import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from './places.ts';
import { readStatements } from './statements.ts';

const run = promisify(execFile);
const page = readFileSync(join(ROOT, 'docs/communication.md'), 'utf8');
const [, section = ''] = page.split(/^## (?=Contracts and their versions)/m);
const own = section.split(/^## /m)[0] ?? '';
const snippets = (language: string) =>
  [...own.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))].map(
    ([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

const folder = mkdtempSync(join(tmpdir(), 'communication-'));
after(() => rmSync(folder, { recursive: true }));

test('every snippet about contracts compiles, and prints what it says it prints', async () => {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const code = snippets('ts');
  assert.ok(code.length > 0);
  for (const [index, text] of code.entries()) {
    const file = join(folder, `snippet-${index}.ts`);
    writeFileSync(file, text);
    const { stdout } = await run(process.execPath, [file], { cwd: folder });
    const said = [...text.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
    assert.deepEqual(stdout.trim().split('\n'), said);
  }
  const config = { extends: join(ROOT, 'tsconfig.json'), include: ['*.ts'] };
  const compilerOptions = { typeRoots: [join(ROOT, 'node_modules/@types')] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, compilerOptions }));
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error) => {
    assert.fail(error.stdout);
  });
});

test('every statement of a consumer is one', () => {
  for (const [index, text] of snippets('json').entries()) {
    const root = join(folder, `tree-${index}`);
    mkdirSync(join(root, 'services/orders/contracts'), { recursive: true });
    writeFileSync(join(root, 'services/orders/contracts/payments.json'), text);
    const [statement] = readStatements(root);
    assert.ok(statement && Object.keys(statement.operations).length > 0);
  }
});

test('every command about contracts is one', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commands = [...own.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
  assert.ok(commands.includes('contracts:check'));
  for (const name of commands) assert.ok(name in scripts, name);
  for (const [, file = ''] of own.matchAll(/`([\w-]+\.ts)`/g)) {
    const places = ['contract-check', 'services/shared/contracts/src'];
    const planned = file.includes('-v2');
    assert.ok(planned || places.some((each) => existsSync(join(ROOT, each, file))), file);
  }
});
