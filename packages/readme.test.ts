import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { libraries } from './pack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const published = libraries();
const read = (folder: string, file: string) => readFileSync(join(root, folder, file), 'utf8');

const snippets = published.flatMap(({ folder }) =>
  [...read(folder, 'README.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], index) => ({
    name: `${basename(folder)}-${index + 1}.ts`,
    code,
  })),
);

let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'breakwater-readme-'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  for (const { name, code } of snippets) writeFileSync(join(directory, name), code);
});

after(() => rmSync(directory, { recursive: true }));

test('every snippet of a README compiles', async () => {
  const config = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] };
  const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')] };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ ...config, compilerOptions }));
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', directory]).catch((error) => {
    assert.fail(error.stdout);
  });
});

for (const { name } of snippets) {
  test(`the snippet ${name} of a README runs`, async () => {
    await run(process.execPath, ['-e', `await import('./${name}'); process.exit()`], {
      cwd: directory,
      timeout: 30_000,
    }).catch((error) => assert.fail(error.stderr));
  });
}

for (const { name, folder, manifest } of published) {
  test(`${name} says how it is installed and used, how large it is, and what changed`, () => {
    const page = read(folder, 'README.md');
    assert.match(page, new RegExp(`^npm install .*${name}`, 'm'));
    assert.match(page, /^```ts$/m);
    assert.match(page, /^\| Option|^\| Variable/m);
    const [, count] = /^## Size\n\n(\d+) dependenc/m.exec(page) ?? [];
    const dependencies = Object.keys(manifest.dependencies ?? {}).length;
    assert.equal(Number(count), dependencies, 'the dependencies that its README counts');
    assert.match(read(folder, 'CHANGELOG.md'), /^## 0\.1\.0 - /m);
  });
}
