import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAppError } from '@breakwater/errors';
import { testTelemetry } from '@breakwater/testing';
import { captureConsole } from './capture-console.ts';

test('what is printed becomes lines of the log, at the level of the method', () => {
  const { logger, lines } = testTelemetry();
  const target = { ...console };
  const release = captureConsole(logger, toAppError, target);
  target.log('plain %d', 1, { password: 'x' });
  target.warn('careful');
  target.error('failed:', new Error('below', { cause: new Error('deeper') }));
  release();
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [
      ['info', "plain 1 { password: '[redacted]' }"],
      ['warn', 'careful'],
      ['error', 'failed: below'],
    ],
  );
  assert.match(String(lines[2]?.['exception.stacktrace']), /Error: deeper/);
  assert.equal(target.log, console.log);
});
