import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Registry } from 'prom-client';
import Transport from 'winston-transport';
import type { LogLevel } from './log-level.ts';
import { closeLogger, createLogger, type LoggerOptions } from './logger.ts';

const IDENTITY = { serviceName: 'catalog', namespace: 'shop', environment: 'test' };
const SPAN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };

const directory = mkdtempSync(join(tmpdir(), 'logger-'));
before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
after(() => {
  context.disable();
  rmSync(directory, { recursive: true });
});

function create(options: Partial<LoggerOptions> = {}) {
  const texts: string[] = [];
  const registry = new Registry();
  const logger = createLogger({
    identity: IDENTITY,
    directory: undefined,
    write: (line) => texts.push(line),
    registry,
    ...options,
  });
  const lines = () => texts.map((text) => JSON.parse(text));
  return { logger, lines, registry };
}

describe('a logger', () => {
  it('has written the line when the call returns', () => {
    const { logger, lines } = create({ directory });
    logger.info('first', { item_id: 7 });
    assert.equal(lines()[0].message, 'first');
    const file = readFileSync(join(directory, 'catalog.log'), 'utf8');
    assert.deepEqual(JSON.parse(file), lines()[0], 'the same line in the file');
  });

  it('names the active span', () => {
    const { logger, lines } = create();
    context.with(trace.setSpanContext(ROOT_CONTEXT, SPAN), () => logger.info('inside'));
    logger.info('outside');
    assert.equal(lines()[0].trace_id, SPAN.traceId);
    assert.equal(lines()[0].span_id, SPAN.spanId);
    assert.equal('trace_id' in lines()[1], false);
  });

  it('writes what is as severe as its level, and no less', () => {
    const { logger, lines } = create({ level: 'warn' });
    for (const level of ['error', 'warn', 'info', 'debug']) logger.log(level, level);
    assert.deepEqual(
      lines().map(({ level }) => level),
      ['error', 'warn'],
    );
    logger.level = 'debug';
    logger.debug('now');
    assert.equal(lines()[2].message, 'now');
    logger.silent = true;
    logger.error('nothing');
    assert.equal(lines().length, 3);
  });

  it('takes a level in any case, and refuses one that there is not', () => {
    const { logger, lines } = create({ level: 'INFO' as LogLevel });
    logger.info('a');
    logger.debug('b');
    assert.deepEqual(
      lines().map(({ message }) => message),
      ['a'],
    );
    for (const level of ['trace', 'warning', 'fatal', 'silent']) {
      assert.throws(() => create({ level: level as LogLevel }), {
        name: 'TelemetrySettingsError',
        message: `level=${level} is not error or warn or info or http or verbose or debug or silly`,
      });
    }
  });

  it('needs the name of the service alone', () => {
    const texts: string[] = [];
    const logger = createLogger({
      identity: { serviceName: 'todo' },
      write: (line) => texts.push(line),
    });
    logger.info('started');
    const line = JSON.parse(texts[0] as string);
    assert.equal(line['service.name'], 'todo');
    assert.equal('service.namespace' in line, false);
    assert.equal('deployment.environment.name' in line, false);
  });

  it('writes more rather than less where a level is not known', () => {
    const { logger, lines } = create();
    logger.log('fatal', 'of the line');
    logger.level = 'nonsense';
    logger.info('of the logger');
    assert.equal(lines().length, 2);
  });

  it('keeps the fields of a message that looks like a format', () => {
    const { logger, lines } = create();
    logger.error('item 50%off was not found', { error_code: 'ITEM_NOT_FOUND' });
    assert.equal(lines()[0].message, 'item 50%off was not found');
    assert.equal(lines()[0].error_code, 'ITEM_NOT_FOUND');
  });

  it('describes a thrown value, as the message or beside it', () => {
    const { logger, lines } = create();
    const error = new TypeError('no such item');
    logger.error('lookup failed', error);
    logger.error(error);
    for (const line of lines()) {
      assert.equal(line['exception.type'], 'TypeError');
      assert.equal(line['exception.message'], 'no such item');
      assert.match(line['exception.stacktrace'], /logger\.test\.ts/);
      assert.match(line.message, /no such item$/);
    }
  });

  it('tells the causes of an error, what it is made of, and what it carries', () => {
    const { logger, lines } = create();
    const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    logger.error('failed', new Error('outer', { cause: root }));
    logger.error(new AggregateError([root], 'all failed'));
    logger.error('failed', root);
    assert.equal(lines()[0].cause.code, 'ECONNREFUSED');
    assert.equal(lines()[1].errors[0].message, 'refused');
    assert.equal(lines()[2].code, 'ECONNREFUSED');
  });

  it('takes whatever it is given, writes nothing into it, and leaves out nothing', () => {
    const { logger, lines } = create();
    const given = { message: 'as one object', a: 1 };
    logger.info(given);
    logger.log({ level: 'warn', ...given });
    assert.deepEqual(given, { message: 'as one object', a: 1 });
    logger.error(Object.freeze(new Error('frozen')));
    logger.log('error', Object.freeze(new Error('frozen')));
    logger.error(new TypeError());
    logger.info('two', { a: 1 }, { b: 2 });
    logger.info('words', 'bob', [1], new Map([['k', 'v']]));
    logger.info('hostile', {
      get message() {
        throw new Error('no');
      },
      ok: 1,
    });
    logger.info(undefined as never);
    logger.info(new Map([['k', 'v']]) as never);
    assert.deepEqual(
      lines().map(({ level, message, a, b, ok, arguments: rest }) =>
        JSON.stringify({ level, message, a, b, ok, rest }),
      ),
      [
        '{"level":"info","message":"as one object","a":1}',
        '{"level":"warn","message":"as one object","a":1}',
        '{"level":"error","message":"frozen"}',
        '{"level":"error","message":"frozen"}',
        '{"level":"error","message":"TypeError"}',
        '{"level":"info","message":"two","a":1,"b":2}',
        '{"level":"info","message":"words","rest":["bob",[1],{"k":"v"}]}',
        '{"level":"info","message":"hostile [unreadable]","ok":1}',
        '{"level":"info","message":""}',
        '{"level":"info","message":{"k":"v"}}',
      ],
    );
  });

  it('gives a child’s fields to each of its lines, in the one sequence', () => {
    const { logger, lines } = create();
    logger.child({ component: 'stock' }).info('in the child');
    logger.info('in the parent');
    assert.deepEqual(
      lines().map(({ component, seq }) => [component, seq]),
      [
        ['stock', 0],
        [undefined, 1],
      ],
    );
  });

  it('also serves transports of winston that are added', async () => {
    const { logger, lines } = create();
    const seen: string[] = [];
    logger.add(
      new (class extends Transport {
        override log(info: { message: string }, next: () => void): void {
          seen.push(info.message);
          next();
        }
      })(),
    );
    logger.info('both');
    await new Promise(setImmediate);
    assert.deepEqual(seen, ['both']);
    assert.equal(lines().length, 1);
  });

  it('counts lines by level, and those the file could not take', async () => {
    symlinkSync('/dev/full', join(directory, 'full.log'));
    const { logger, lines, registry } = create({
      identity: { ...IDENTITY, serviceName: 'full' },
      directory,
    });
    logger.info('a');
    logger.info('b');
    logger.error('c');
    assert.equal(lines().length, 3, 'stdout has them all');
    const text = await registry.metrics();
    assert.match(text, /^log_lines_total\{level="info"\} 2$/m);
    assert.match(text, /^log_lines_total\{level="error"\} 1$/m);
    assert.match(text, /^log_lines_lost_total 3$/m);
  });

  it('two loggers of one registry count together', async () => {
    const { logger, registry } = create();
    create({ registry }).logger.info('a');
    logger.info('b');
    assert.match(await registry.metrics(), /^log_lines_total\{level="info"\} 2$/m);
  });

  it('fails at start-up when its directory cannot be written to', () => {
    assert.throws(() => create({ directory: '/dev/null/logs' }), { code: 'ENOTDIR' });
  });

  it('closes once, and what comes later reaches stdout alone', async () => {
    const { logger, lines, registry } = create({
      identity: { ...IDENTITY, serviceName: 'closed' },
      directory,
    });
    await Promise.all([closeLogger(logger), closeLogger(logger)]);
    logger.info('late');
    assert.equal(lines()[0].message, 'late');
    assert.equal(readFileSync(join(directory, 'closed.log'), 'utf8'), '');
    assert.match(await registry.metrics(), /^log_lines_lost_total 1$/m);
  });
});
