import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { AppError } from '@breakwater/errors';
import { status as Status } from '@grpc/grpc-js';
import { statusOf } from './status.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/communication.md'), 'utf8');
const section = page.split(/^## /m).find((text) => text.startsWith('Asking a peer')) ?? '';
const run = promisify(execFile);

test('every snippet about calls prints what it says it prints', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'communication-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const snippets = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
    assert.ok(snippets.length > 0);
    for (const [index, code] of snippets.entries()) {
      writeFileSync(join(folder, `${index}.ts`), code);
      const { stdout } = await run(process.execPath, [`${index}.ts`], { cwd: folder });
      const said = [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
      assert.deepEqual(stdout.trim().split('\n'), said);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the table of statuses is that of the code', () => {
  const rows = [...section.matchAll(/^\| ([\d, ]+) \| `(\w+)`/gm)];
  assert.ok(rows.length > 8);
  for (const [, statuses = '', name = ''] of rows) {
    for (const status of statuses.split(', ').map(Number)) {
      const kind = { ...AppError.kind, code: 'SOMETHING', status };
      assert.equal(Status[statusOf(new AppError('', { kind }))], name, String(status));
    }
  }
});
