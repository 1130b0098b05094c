import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';

const directory = mkdtempSync(join(tmpdir(), 'logger-process-'));
after(() => rmSync(directory, { recursive: true }));

const LOGGER = JSON.stringify(new URL('./index.ts', import.meta.url));
const PREAMBLE = `
  import { closeLogger, createLogger } from ${LOGGER};
  const logger = createLogger();`;

type Output = 'pipe' | 'ignore' | number;

/** A process that logs for real; its file is `<name>.log`. */
function run(name: string, script: string, stdout: Output = 'pipe'): ChildProcess {
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', PREAMBLE + script], {
    env: { ...process.env, OTEL_SERVICE_NAME: name, LOG_DIR: directory },
    stdio: ['pipe', stdout, 'inherit', 'pipe'],
  });
}

function messagesIn(content: string): string[] {
  return content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).message);
}

function written(name: string): string[] {
  return messagesIn(readFileSync(join(directory, `${name}.log`), 'utf8'));
}

/** Fewer than a pipe holds: beyond that, what its reader has not taken waits in memory. */
const NUMBERS = Array.from({ length: 100 }, (_, n) => `line ${n}`);
const LOG_NUMBERS = `for (let n = 0; n < 100; n++) logger.info('line ' + n);`;

describe('the last line before a process ends', () => {
  const ends = {
    'a SIGKILL of its own in the same turn': `process.kill(process.pid, 'SIGKILL');`,
    'process.exit in the same turn': `process.exit(3);`,
    'an uncaught exception in the same turn': `process.on('uncaughtException', () => process.exit(3)); throw new Error('x');`,
  };
  for (const [end, script] of Object.entries(ends)) {
    it(`is on stdout and in the file: ${end}`, async () => {
      const name = `end-${Object.keys(ends).indexOf(end)}`;
      const child = run(name, LOG_NUMBERS + script);
      const [stdout] = await Promise.all([text(child.stdout as Readable), once(child, 'close')]);
      assert.deepEqual(written(name), NUMBERS);
      assert.deepEqual(messagesIn(stdout), NUMBERS);
    });
  }

  it('is out when the logger has been closed', async () => {
    const child = run('closed', `${LOG_NUMBERS} await closeLogger(logger);`);
    const [stdout] = await Promise.all([text(child.stdout as Readable), once(child, 'close')]);
    assert.deepEqual(messagesIn(stdout), NUMBERS);
    assert.equal(child.exitCode, 0);
  });
});

it('a SIGKILL from outside, at any moment, tears no line and loses none it told of', async () => {
  const child = run(
    'told',
    `import { writeSync } from 'node:fs';
     for (let n = 0; ; n++) { logger.info('line ' + n); writeSync(3, '.'); }`,
    'ignore',
  );
  let told = 0;
  for await (const chunk of child.stdio[3] as Readable) {
    told += chunk.length;
    if (told > 2_000) child.kill('SIGKILL');
  }
  const lines = written('told');
  assert.ok(lines.length >= told, `${lines.length} lines, and ${told} were told of`);
  assert.deepEqual(
    lines,
    lines.map((_, n) => `line ${n}`),
  );
});

describe('standard output', () => {
  it('that nobody reads any more does not end the service', async () => {
    const child = run(
      'unread',
      `logger.info('one');
       await new Promise((resolve) => process.stdin.once('end', resolve).resume());
       logger.info('two');
       // By then the broken pipe has been reported.
       await new Promise((resolve) => setTimeout(resolve, 50));
       logger.info('three');
       await closeLogger(logger);`,
    );
    await once(child.stdout as Readable, 'data');
    child.stdout?.destroy();
    child.stdin?.end();
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    assert.deepEqual(written('unread'), ['one', 'two', 'three']);
  });

  it('may be a file, and has every line of a killed process', async () => {
    const path = join(directory, 'stdout.txt');
    const child = run(
      'to-file',
      `${LOG_NUMBERS} process.kill(process.pid, 'SIGKILL');`,
      openSync(path, 'w'),
    );
    await once(child, 'close');
    assert.deepEqual(messagesIn(readFileSync(path, 'utf8')), NUMBERS);
  });

  it('may be a full disk, for the service goes on', async () => {
    const child = run(
      'full',
      `${LOG_NUMBERS} await closeLogger(logger);`,
      openSync('/dev/full', 'w'),
    );
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    assert.deepEqual(written('full'), NUMBERS);
  });
});
