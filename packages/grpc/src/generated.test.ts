import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const FOLDER = resolve(import.meta.dirname, '..');
const COMMANDS = resolve(FOLDER, '../../node_modules/.bin');

test('the generated code is what the Protobuf files say', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'generated-'));
  // The plugin is a command of its own, which buf looks for on PATH.
  const env = { ...process.env, PATH: `${COMMANDS}:${process.env.PATH}` };
  const generate = (...args: readonly string[]) =>
    execFileSync(join(COMMANDS, 'buf'), ['generate', '--output', fresh, ...args], {
      ...{ cwd: FOLDER, env, stdio: 'pipe' },
    });
  try {
    generate();
    generate('--template', 'buf.gen.testing.yaml');
    assert.deepEqual(contents(fresh), contents(FOLDER), 'run npm run contracts:generate');
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

function contents(folder: string): Record<string, string> {
  const files = globSync('src/**/gen/**/*.ts', { cwd: folder }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
