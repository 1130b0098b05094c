import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineOutput } from './line-output.ts';
import type { LogFile } from './log-file.ts';

test('lines that the file does not take are counted, each, and the next ones are tried', () => {
  const [written, lost]: [string[], number[]] = [[], []];
  let isFull = true;
  const file = {
    append(lines: string) {
      if (isFull) throw new Error('ENOSPC');
      written.push(lines);
    },
    close() {},
  } as unknown as LogFile;
  const output = new LineOutput({ write() {}, file, onLost: (lines) => lost.push(lines) });
  output.writeAtEndOfTurn('a');
  output.write('b');
  isFull = false;
  output.writeAtEndOfTurn('c');
  output.close();
  assert.deepEqual([written, lost], [['c'], [2]]);
});
