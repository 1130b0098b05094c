import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { LogFile } from './log-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-file-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(maxBytes = 1_000, keep = 2): LogFile {
  return new LogFile({ directory, name: 'svc', maxBytes, keep });
}

function read(file = 'svc.log'): string {
  return readFileSync(join(directory, file), 'utf8');
}

/** Nine characters and a newline: ten bytes. */
function line(n: number): string {
  return `line ${String(n).padStart(4, '0')}`;
}

describe('LogFile', () => {
  it('makes its directory, and appends to what is there', () => {
    directory = join(directory, 'deep', 'er');
    open().append('one');
    open().append('two');
    assert.equal(read(), 'one\ntwo\n');
  });

  it('has the line on disk when append returns', () => {
    const file = open();
    file.append('ü');
    assert.equal(read(), 'ü\n');
  });

  it('rotates before a line that would not fit, and splits none', () => {
    const file = open(30);
    for (let n = 1; n <= 7; n++) file.append(line(n));
    assert.equal(read('svc.2.log'), `${line(1)}\n${line(2)}\n${line(3)}\n`);
    assert.equal(read('svc.1.log'), `${line(4)}\n${line(5)}\n${line(6)}\n`);
    assert.equal(read(), `${line(7)}\n`);
  });

  it('keeps to its cap: the oldest file goes', () => {
    const file = open(30, 2);
    for (let n = 0; n < 100; n++) file.append(line(n));
    assert.deepEqual(readdirSync(directory).sort(), ['svc.1.log', 'svc.2.log', 'svc.log']);
    const bytes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
    assert.ok(bytes.reduce((sum, size) => sum + size) <= 90);
    assert.equal(read(), `${line(99)}\n`);
  });

  it('counts what an earlier process wrote towards the size', () => {
    open(30).append(line(1));
    const file = open(30);
    for (let n = 2; n <= 4; n++) file.append(line(n));
    assert.equal(read('svc.1.log').length, 30);
    assert.equal(read(), `${line(4)}\n`);
  });

  it('takes a line longer than a whole file, alone', () => {
    const file = open(30);
    file.append(line(1));
    file.append('x'.repeat(100));
    file.append(line(2));
    assert.equal(read('svc.1.log'), `${'x'.repeat(100)}\n`);
  });

  it('starts on a line of its own after a crash in mid-line', () => {
    open().append('whole');
    appendFileSync(join(directory, 'svc.log'), '{"torn":');
    const file = open();
    file.append('next');
    file.append('after');
    assert.equal(read(), 'whole\n{"torn":\nnext\nafter\n');
  });

  it('does not carry the tear into the next file', () => {
    appendFileSync(join(directory, 'svc.log'), 'x'.repeat(28));
    const file = open(30);
    file.append(line(1));
    assert.equal(read(), `${line(1)}\n`);
  });

  it('says so when the disk is full, and goes on', { skip: !existsSync('/dev/full') }, () => {
    symlinkSync('/dev/full', join(directory, 'svc.log'));
    const file = open();
    assert.throws(() => file.append('lost'), { code: 'ENOSPC' });
    assert.throws(() => file.append('lost too'), { code: 'ENOSPC' });
  });

  it('opens again when the next file could not be opened', () => {
    const file = open(10);
    file.append(line(1));
    const moved = `${directory}-moved`;
    renameSync(directory, moved);
    writeFileSync(directory, 'in the way');
    assert.throws(() => file.append(line(2)), { code: 'EEXIST' });
    assert.throws(() => file.append(line(3)), { code: 'EEXIST' });
    rmSync(directory);
    renameSync(moved, directory);
    file.append(line(4));
    assert.equal(read(), `${line(4)}\n`);
  });

  it('writes into no other file after it was closed', () => {
    const file = open();
    file.close();
    file.close();
    assert.throws(() => file.append('late'), /closed/);
    assert.equal(read(), '');
  });
});

describe('LogFile whose file is taken away', () => {
  let now = 0;
  let lost = 0;
  beforeEach(() => {
    lost = 0;
  });

  function watched(): LogFile {
    const onLost = (lines: number) => {
      lost += lines;
    };
    const limits = { maxBytes: 1_000, keep: 2 };
    return new LogFile({ directory, name: 'svc', ...limits, onLost, now: () => now });
  }

  /** A line before `harm`, and one after it. */
  function write(harm: () => void): LogFile {
    const file = watched();
    file.append('1');
    harm();
    file.append('2');
    return file;
  }

  const path = () => join(directory, 'svc.log');

  it('writes what went into a removed file unseen again, and goes on', () => {
    write(() => rmSync(path()));
    assert.equal(read(), '1\n2\n', 'the first was written after the last look');
  });

  it('goes on in a new file where logrotate has moved it', () => {
    write(() => renameSync(path(), join(directory, 'svc.log.1')));
    assert.equal(read('svc.log.1'), '1\n');
    assert.equal(read(), '2\n');
  });

  it('goes on in the file that stands there instead', () => {
    write(() => {
      renameSync(path(), join(directory, 'svc.log.1'));
      writeFileSync(path(), 'torn');
    });
    assert.equal(read(), 'torn\n2\n');
  });

  it('goes on where it was truncated, and knows its size', () => {
    const file = write(() => truncateSync(path()));
    assert.equal(read(), '2\n');
    file.append('x'.repeat(990));
    assert.equal(read().length, 993, 'not rotated: it fits');
  });

  it('makes its directory again', () => {
    write(() => rmSync(directory, { recursive: true }));
    assert.equal(read(), '1\n2\n');
  });

  it('looks ten times in 100 ms at most, and loses nothing in between', () => {
    const file = watched();
    for (let n = 1; n <= 12; n++) file.append(String(n));
    rmSync(path());
    file.append('13');
    file.append('14');
    assert.equal(existsSync(path()), false, 'not seen yet');
    now += 100;
    file.append('15');
    assert.equal(read(), '10\n11\n12\n13\n14\n15\n', 'all since the last look');
  });

  it('looks once more when it is closed', () => {
    const file = write(() => {});
    rmSync(path());
    file.append('4');
    file.close();
    assert.equal(read(), '2\n4\n');
  });

  it('counts what cannot be written again', () => {
    const inTheWay = () => {
      rmSync(directory, { recursive: true });
      writeFileSync(directory, '');
    };
    assert.throws(() => write(inTheWay), { code: 'EEXIST' });
    assert.equal(lost, 1, 'the one in the file that has gone; the other is the one that throws');
  });
});

describe('LogFile on a disk that fills up in mid-line', () => {
  const SCRIPT = `
    import { execFileSync } from 'node:child_process';
    import { LogFile } from '${new URL('./log-file.ts', import.meta.url)}';
    const file = new LogFile({ directory: process.argv[1], name: 'svc', maxBytes: 1e6, keep: 1 });
    const outcomes = [];
    const append = (text) => {
      try { file.append(text); outcomes.push('kept'); } catch (error) { outcomes.push(error.code); }
    };
    append('a'.repeat(300));
    append('b'.repeat(300));
    append('c'.repeat(300));
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited:']);
    append('d');
    console.log(JSON.stringify(outcomes));`;

  it('loses the lines it says it lost, and no other', () => {
    // 512 bytes a file is a disk that any user can fill; the signal would end the process.
    const { stdout, stderr } = spawnSync(
      'sh',
      [
        '-c',
        `trap '' XFSZ; ulimit -S -f 1; exec "$0" --input-type=module-typescript -e "$1" "$2"`,
        process.execPath,
        SCRIPT,
        directory,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), ['kept', 'EFBIG', 'EFBIG', 'kept']);
    const lines = read().split('\n');
    assert.equal(lines[0], 'a'.repeat(300));
    assert.match(lines[1] ?? '', /^b+$/, 'torn');
    assert.deepEqual(lines.slice(2), ['d', '']);
  });
});
