import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { tarballs } from './tarballs.ts';

const run = promisify(execFile);
const BIN = resolve(import.meta.dirname, '../../node_modules/.bin');

/** What a checker of packages says that found something. */
async function complaints(checker: string, args: readonly string[]): Promise<string> {
  return run(join(BIN, checker), args).then(
    () => '',
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
}

for (const [name, tarball] of tarballs) {
  test(`publint finds nothing in the package ${name}`, async () => {
    assert.equal(await complaints('publint', ['--strict', tarball]), '');
  });

  test(`the types of ${name} are right for those who import it`, async () => {
    assert.equal(await complaints('attw', ['--profile', 'esm-only', tarball]), '');
  });

  test(`${name} declares every package that it imports`, async () => {
    const { stdout: text } = await run('tar', ['xzOf', tarball, 'package/package.json']);
    const { dependencies, peerDependencies } = JSON.parse(text);
    const declared = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
    const wanted = ['--wildcards', 'package/dist/*.js', 'package/dist/*.d.ts'];
    const { stdout: code } = await run('tar', ['xzOf', tarball, ...wanted], { maxBuffer: 2 ** 26 });
    const imported = code.matchAll(
      /^(?:import |(?:import|export|\}).* from )['"]((?:@[\w-]+\/)?[\w-]+)/gm,
    );
    const missing = [...imported].map(([, from = '']) => from).filter((from) => from !== 'node');
    assert.deepEqual([...new Set(missing.filter((from) => !declared.has(from)))], []);
  });

  test(`${name} ships no sources, tests or scripts that run by themselves`, async () => {
    const { stdout: files } = await run('tar', ['tzf', tarball]);
    const wrong = files
      .split('\n')
      .filter((file) => /\.test\.|(?<!\.d)\.tsx?$|tsconfig|node_modules/.test(file));
    assert.deepEqual(wrong, []);
    for (const page of ['README.md', 'LICENSE', 'CHANGELOG.md']) {
      assert.ok(files.includes(`package/${page}\n`), page);
    }
    const { stdout } = await run('tar', ['xzOf', tarball, 'package/package.json']);
    const { scripts, devDependencies, engines, sideEffects, license } = JSON.parse(stdout);
    assert.deepEqual([scripts, devDependencies], [undefined, undefined]);
    assert.ok(
      engines?.node && sideEffects !== undefined && license,
      'engines, sideEffects, license',
    );
  });
}
