import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from './clock.ts';

const run = promisify(execFile);
const index = fileURLToPath(new URL('./index.ts', import.meta.url));

/** What a process prints, and how long it lives by its own clock. */
async function runProcess(code: string): Promise<{ printed: string; livedMs: number }> {
  const lived = `process.on('exit', () => console.log(performance.now()));`;
  const script = `import { dependency } from ${JSON.stringify(index)};${lived}${code}`;
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', script]);
  const lines = stdout.trim().split('\n');
  return { printed: lines.slice(0, -1).join('\n'), livedMs: Number(lines.at(-1)) };
}

test('the timers of the process fire, and can be taken back', async () => {
  const before = systemClock.now();
  systemClock.setTimer(() => assert.fail('cancelled'), 1).cancel();
  await new Promise<void>((resolve) => void systemClock.setTimer(resolve, 20));
  assert.ok(systemClock.now() - before >= 19);
});

test('a process lives as long as a call waits for its timeout', async () => {
  const { printed } = await runProcess(`
    const slow = dependency('slow', { timeoutMs: 50, retry: false });
    slow.execute(() => new Promise(() => {})).catch((error) => console.log(error.code));
  `);
  assert.equal(printed, 'DEPENDENCY_TIMEOUT');
});

test('a process whose calls have ended does not wait for their timeouts', async () => {
  const { printed, livedMs } = await runProcess(`
    const quick = dependency('quick', { timeoutMs: 60_000 });
    console.log(await quick.execute(() => 'done'));
  `);
  assert.equal(printed, 'done');
  assert.ok(livedMs < 30_000, `lived ${livedMs} ms`);
});
