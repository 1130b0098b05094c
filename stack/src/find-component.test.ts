import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { builtFolder } from './component-cache.ts';
import { componentOf } from './components.ts';
import { findComponent, isPinnedVersion } from './find-component.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-find-'));
after(() => rmSync(folder, { recursive: true }));

const loki = componentOf('loki')?.component;
assert.ok(loki);

describe('findComponent', () => {
  let environment: { PATH: string; XDG_CACHE_HOME: string };
  let bin: string;
  beforeEach(() => {
    const root = mkdtempSync(join(folder, 'case-'));
    bin = join(root, 'bin');
    environment = { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(root, 'cache') };
  });

  const cached = () => join(builtFolder(loki, environment), 'loki');

  it('says that a build would help when the program is nowhere', async () => {
    assert.deepEqual(await findComponent('loki', environment), {
      reason: `loki ${loki.version} is not installed`,
      installable: true,
    });
  });

  it('takes what the environment names, whatever its version', async () => {
    const named = script(join(bin, 'my-loki'), 'loki, version 0.0.1');
    script(join(bin, 'loki'), `loki, version ${loki.version}`);
    const found = await findComponent('loki', { ...environment, BREAKWATER_LOKI_BIN: named });
    assert.deepEqual(found, { path: named, source: 'environment' });
  });

  it('puts nothing in the place of a named file that is not there', async () => {
    script(cached(), 'loki');
    const found = await findComponent('loki', { ...environment, BREAKWATER_LOKI_BIN: '/nowhere' });
    assert.deepEqual(found, {
      reason: 'BREAKWATER_LOKI_BIN=/nowhere is no executable file',
      installable: false,
    });
  });

  it('takes the PATH before the cache when the version is the pinned one', async () => {
    script(cached(), `loki, version ${loki.version}`);
    const path = script(join(bin, 'loki'), `loki, version ${loki.version} (branch: main)`);
    assert.deepEqual(await findComponent('loki', environment), { path, source: 'path' });
  });

  it('passes over another version on the PATH', async () => {
    const path = script(join(bin, 'loki'), `loki, version 1${loki.version}`);
    assert.deepEqual(await findComponent('loki', environment), {
      reason: `${path} is not version ${loki.version}, which this stack is tested with`,
      installable: true,
    });
    script(cached(), '');
    assert.deepEqual(await findComponent('loki', environment), {
      path: cached(),
      source: 'cache',
    });
  });

  it('takes no folder for a program', async () => {
    mkdirSync(cached(), { recursive: true });
    assert.ok('reason' in (await findComponent('loki', environment)));
  });

  it('does not know programs that are not of the stack', async () => {
    const found = await findComponent('bash', environment);
    assert.deepEqual(found, { reason: '"bash" is no program of the stack', installable: false });
  });
});

describe('isPinnedVersion', () => {
  const prints = (words: string) =>
    isPinnedVersion(
      script(join(folder, 'prints'), words),
      { version: '2.2.0' },
      { versionArguments: [] },
    );

  it('finds the version between other words', async () => {
    assert.equal(await prints('k6 v2.2.0 (go1.26.8, linux/amd64)'), true);
  });

  it('takes no part of another version for it', async () => {
    for (const words of ['12.2.0', '2.2.01', '2.2.0.1', '1.2.2.0', '2.2.0-rc.1', '2x2x0']) {
      assert.equal(await prints(words), false, words);
    }
  });

  it('wants the program to end well', async () => {
    const file = script(join(folder, 'fails'), '2.2.0', 1);
    assert.equal(
      await isPinnedVersion(file, { version: '2.2.0' }, { versionArguments: [] }),
      false,
    );
  });
});

/** A program that prints words and ends. */
function script(path: string, words: string, code = 0): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${words}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return path;
}
