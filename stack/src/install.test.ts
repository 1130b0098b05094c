import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const INSTALL = fileURLToPath(new URL('install.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'breakwater-install-'));
after(() => rmSync(folder, { recursive: true }));

describe('npm run stack:install', () => {
  let bin: string;
  let cache: string;
  beforeEach(() => {
    const root = mkdtempSync(join(folder, 'case-'));
    bin = join(root, 'bin');
    cache = join(root, 'cache');
    mkdirSync(bin);
  });

  const install = (args: readonly string[], extra: NodeJS.ProcessEnv = {}) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: cache, HOME: cache, ...extra };
      const child = execFile(process.execPath, [INSTALL, ...args], { env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });

  /** A `go` of this version whose builds do what `build` says; `$output` is the file to write. */
  const fakeGo = (build: string, { version = 'go1.99.0', toolchain = 'auto' } = {}) => {
    const answer = {
      GOVERSION: version,
      GOTOOLCHAIN: toolchain,
      GOPROXY: 'https://proxy',
      GOCACHE: cache,
    };
    writeFileSync(
      join(bin, 'go'),
      `#!/bin/sh
if [ "$1" = env ]; then echo '${JSON.stringify(answer)}'; exit; fi
while [ "$1" != -o ]; do shift; done
output=$2
${build}
`,
    );
    chmodSync(join(bin, 'go'), 0o755);
  };

  const K6 = `printf '#!/bin/sh\\necho k6 v2.2.0\\n' > "$output"; chmod +x "$output"`;
  const leftovers = () =>
    existsSync(join(cache, 'breakwater/k6')) ? readdirSync(join(cache, 'breakwater/k6')) : [];

  it('builds, says so, and finds all there the next time', async () => {
    fakeGo(`echo some/package >&2; ${K6}`);
    const first = await install(['k6', '--json']);
    assert.equal(first.code, 0, first.stderr);
    const [outcome] = JSON.parse(first.stdout).components;
    assert.equal(outcome.status, 'built');
    assert.ok(existsSync(outcome.binaries.k6));
    assert.match(first.stderr, /k6 +2\.2\.0 +about 40 s/);

    fakeGo('exit 1');
    const second = await install(['k6', '--json']);
    assert.equal(second.code, 0);
    assert.deepEqual(JSON.parse(second.stdout).components, [
      { name: 'k6', version: '2.2.0', status: 'present', binaries: outcome.binaries },
    ]);
  });

  it('says what to install when there is no Go', async () => {
    const { code, stderr } = await install(['k6'], { PATH: bin });
    assert.equal(code, 1);
    assert.match(stderr, /Go is not on the PATH.*Install Go 1\.\d+/);
  });

  it('refuses a Go that is too old and may not fetch a newer one', async () => {
    fakeGo(K6, { version: 'go1.22.3', toolchain: 'local' });
    const { code, stderr } = await install(['k6']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Go 1\.22\.3 \(.*\) is too old: the backends need 1\.25\.0 or newer.*GOTOOLCHAIN=auto/,
    );
  });

  it('lets an older Go fetch the one it needs', async () => {
    fakeGo(K6, { version: 'go1.22.3' });
    assert.equal((await install(['k6'])).code, 0);
  });

  it('says when Go itself does not run', async () => {
    writeFileSync(join(bin, 'go'), '#!/bin/sh\nexit 3\n');
    chmodSync(join(bin, 'go'), 0o755);
    const { code, stderr } = await install(['k6']);
    assert.equal(code, 1);
    assert.match(stderr, /bin\/go does not run .*Repair Go/);
  });

  it('shows the end of a failed build and where all of it is, and leaves nothing half', async () => {
    fakeGo(
      `echo half > "$output"; for i in 1 2 3 4 5 6 7 8 9; do echo "error $i" >&2; done; exit 1`,
    );
    const { code, stdout, stderr } = await install(['k6', '--json']);
    assert.equal(code, 1);
    assert.match(stderr, /k6 was not built \(Go ended with code 1\)/);
    assert.match(stderr, /error 2\n.*error 9/s);
    assert.doesNotMatch(stderr, /error 1\n/);
    const [outcome] = JSON.parse(stdout).components;
    assert.equal(outcome.status, 'failed');
    assert.ok(existsSync(outcome.log));
    assert.deepEqual(leftovers(), []);
  });

  it('builds the others when one fails', async () => {
    fakeGo(`case $output in */k6) ${K6};; *) exit 1;; esac`);
    const { code, stdout } = await install(['k6', 'toxiproxy', '--json']);
    assert.equal(code, 1);
    const { components } = JSON.parse(stdout) as { components: { name: string; status: string }[] };
    assert.deepEqual(
      components.map(({ name, status }) => [name, status]),
      [
        ['toxiproxy', 'failed'],
        ['k6', 'built'],
      ],
    );
  });

  it('stops at a full disk', async () => {
    fakeGo(`echo 'write /x: no space left on device' >&2; exit 1`);
    const { code, stdout, stderr } = await install(['k6', 'toxiproxy', '--json']);
    assert.equal(code, 1);
    assert.match(stderr, /the disk is full. Free some space/);
    const { components } = JSON.parse(stdout);
    assert.deepEqual([components[0].status, components[1].status], ['failed', 'skipped']);
  });

  it('stops without a network', async () => {
    fakeGo(`echo 'Get "https://proxy/x": dial tcp: lookup proxy: no such host' >&2; exit 1`);
    const { code, stderr } = await install(['k6', 'toxiproxy']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /could not be fetched from https:\/\/proxy\. Check the network, or set GOPROXY/,
    );
    assert.equal(stderr.match(/was not built/g)?.length, 1);
  });

  it('does not take a program of another version for the pinned one', async () => {
    fakeGo(K6.replace('2.2.0', '2.1.0'));
    const { code, stderr } = await install(['k6']);
    assert.equal(code, 1);
    assert.match(stderr, /k6 was built, but it does not say that it is version 2\.2\.0/);
    assert.deepEqual(leftovers(), []);
  });

  it('clears away what a killed build has left', async () => {
    const left = join(cache, 'breakwater/k6/.building-999999999-abc');
    mkdirSync(left, { recursive: true });
    fakeGo(K6);
    assert.equal((await install(['k6'])).code, 0);
    assert.equal(leftovers().length, 1);
  });

  it('says when the cache cannot be written to', async () => {
    fakeGo(K6);
    writeFileSync(cache, 'a file');
    const { code, stderr } = await install(['k6'], { HOME: folder });
    assert.equal(code, 1);
    assert.match(stderr, /cannot be written to .*set XDG_CACHE_HOME/);
  });

  it('is told of a wrong name, option or variable', async () => {
    assert.match(
      (await install(['loky'])).stderr,
      /no component "loky"; did you mean "loki"\?\n.*\n.*\nNames: otel-collector,/,
    );
    assert.equal((await install(['loky'])).code, 2);
    assert.equal((await install(['--fast'])).code, 2);
    const wrong = await install(['k6'], { BREAKWATER_K6_BIN: '/nowhere' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /BREAKWATER_K6_BIN=\/nowhere is no executable file/);
  });

  it('can be stopped, and says how it goes on', async () => {
    fakeGo(`echo started > '${join(folder, 'started')}'; kill -TERM $PPID; exec sleep 60`);
    const { code, stderr } = await install(['k6']);
    assert.equal(code, 130);
    assert.match(stderr, /stopped at \[1\/1\] k6 2\.2\.0\. npm run stack:install continues there/);
    assert.deepEqual(leftovers(), []);
  });
});
