import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { context, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type ExportResult, ExportResultCode, isTracingSuppressed } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { SpanQueue, type SpanQueueOptions } from './span-queue.ts';

type Answer = 'taken' | 'unavailable' | 'hangs' | number | (() => never);

/** Answers each export by the next entry of a script, and at last for ever with `taken`. */
class ScriptedExporter implements SpanExporter {
  readonly batches: string[][] = [];
  readonly taken: string[] = [];
  closed = false;
  #script: Answer[];
  #hanging: (() => void)[] = [];

  constructor(...script: Answer[]) {
    this.#script = script;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const names = spans.map((span) => span.name);
    this.batches.push(names);
    const take = () => {
      this.taken.push(...names);
      done({ code: ExportResultCode.SUCCESS });
    };
    const answer = this.#script.shift() ?? 'taken';
    if (typeof answer === 'function') answer();
    else if (answer === 'taken') take();
    else if (answer === 'hangs') this.#hanging.push(take);
    else {
      const code = answer === 'unavailable' ? undefined : answer;
      done({ code: ExportResultCode.FAILED, error: Object.assign(new Error('no'), { code }) });
    }
  }

  /** Lets the export that hangs be taken. */
  release(): void {
    this.#hanging.shift()?.();
  }

  async shutdown(): Promise<void> {
    this.closed = true;
  }
}

/** Timers that fire when told to. */
class Timers {
  readonly delays: number[] = [];
  #pending: (() => void)[] = [];

  readonly set = (callback: () => void, ms: number) => {
    this.delays.push(ms);
    this.#pending.push(callback);
    return {};
  };

  async fire(): Promise<void> {
    for (const callback of this.#pending.splice(0)) callback();
    await settle();
  }
}

/** Lets everything that is ready run: exports here answer without waiting for anything. */
async function settle(): Promise<void> {
  await new Promise(setImmediate);
}

function span(name: string, traceFlags = TraceFlags.SAMPLED): ReadableSpan {
  return { name, spanContext: () => ({ traceId: 't', spanId: name, traceFlags }) } as ReadableSpan;
}

function createQueue(exporter: SpanExporter, options: Partial<SpanQueueOptions> = {}) {
  const timers = new Timers();
  const queue = new SpanQueue({
    exporter,
    batchSize: 2,
    capacity: 4,
    delayMs: 100,
    maxBackoffMs: 500,
    setTimer: timers.set,
    ...options,
  });
  const end = (...names: string[]) => {
    for (const name of names) queue.onEnd(span(name));
  };
  return { queue, timers, end };
}

const NONE = { queueFull: 0, rejected: 0, shutdown: 0 };

describe('SpanQueue', () => {
  it('waits for company, then sends in order and in batches', async () => {
    const exporter = new ScriptedExporter();
    const { queue, timers, end } = createQueue(exporter);
    end('a');
    assert.deepEqual(exporter.batches, []);
    await timers.fire();
    assert.deepEqual(exporter.batches, [['a']]);
    end('b', 'c', 'd');
    await settle();
    assert.deepEqual(exporter.batches, [['a'], ['b', 'c'], ['d']]);
    assert.deepEqual(queue.counts, { queued: 0, exported: 4, dropped: NONE });
    assert.deepEqual(timers.delays, [100, 100], 'a timer a batch, not one a span');
  });

  it('keeps a failed batch at the head and loses nothing when the collector is back', async () => {
    const exporter = new ScriptedExporter('unavailable', 503, 'unavailable');
    const { queue, timers, end } = createQueue(exporter);
    end('a', 'b');
    await settle();
    end('c');
    await timers.fire();
    await timers.fire();
    assert.deepEqual(queue.counts, { queued: 3, exported: 0, dropped: NONE });
    await timers.fire();
    assert.deepEqual(exporter.taken, ['a', 'b', 'c']);
    assert.deepEqual(queue.counts, { queued: 0, exported: 3, dropped: NONE });
  });

  it('waits twice as long after each failure, up to a bound, and forgets it on success', async () => {
    const failures = Array.from({ length: 5 }, () => 'unavailable' as const);
    const exporter = new ScriptedExporter(...failures);
    const { timers, end } = createQueue(exporter);
    end('a');
    for (let i = 0; i < 6; i++) await timers.fire();
    assert.deepEqual(exporter.taken, ['a']);
    end('b');
    assert.deepEqual(timers.delays, [100, 200, 400, 500, 500, 500, 100]);
  });

  it('does not hammer a collector that is away: full batches wait for the timer too', async () => {
    const exporter = new ScriptedExporter('unavailable');
    const { end } = createQueue(exporter);
    end('a', 'b');
    await settle();
    end('c', 'd');
    await settle();
    assert.equal(exporter.batches.length, 1);
  });

  it('drops the newest when it is full, and counts them', async () => {
    const exporter = new ScriptedExporter('unavailable');
    const { queue, timers, end } = createQueue(exporter);
    end('a', 'b', 'c', 'd', 'e', 'f');
    await settle();
    assert.deepEqual(queue.counts, { queued: 4, exported: 0, dropped: { ...NONE, queueFull: 2 } });
    await timers.fire();
    assert.deepEqual(exporter.taken, ['a', 'b', 'c', 'd']);
  });

  it('gives up a batch that will never be taken, counts it, and goes on', async () => {
    const exporter = new ScriptedExporter(400);
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await queue.forceFlush();
    assert.deepEqual(exporter.taken, ['c']);
    assert.deepEqual(queue.counts, { queued: 0, exported: 1, dropped: { ...NONE, rejected: 2 } });
  });

  for (const status of [408, 429, 500, 503]) {
    it(`tries again after ${status}`, async () => {
      const exporter = new ScriptedExporter(status);
      const { queue, end } = createQueue(exporter);
      end('a');
      await queue.forceFlush();
      assert.deepEqual(queue.counts, { queued: 1, exported: 0, dropped: NONE });
    });
  }

  it('counts a batch that cannot be serialised as rejected, and goes on', async () => {
    const exporter = new ScriptedExporter(() => {
      throw new TypeError('a span attribute cannot be written');
    });
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await queue.forceFlush();
    assert.deepEqual(exporter.taken, ['c']);
    assert.deepEqual(queue.counts.dropped, { ...NONE, rejected: 2 });
  });

  it('has one export under way at a time', async () => {
    const exporter = new ScriptedExporter('hangs');
    const { queue, timers, end } = createQueue(exporter);
    end('a', 'b');
    end('c', 'd');
    await timers.fire();
    assert.deepEqual(exporter.batches, [['a', 'b']]);
    assert.equal(queue.counts.queued, 4, 'what is under way counts as queued until it is taken');
    exporter.release();
    await settle();
    assert.deepEqual(exporter.taken, ['a', 'b', 'c', 'd']);
  });

  it('leaves out spans that are not sampled', async () => {
    const exporter = new ScriptedExporter();
    const { queue } = createQueue(exporter);
    queue.onEnd(span('a', TraceFlags.NONE));
    await queue.forceFlush();
    assert.deepEqual(queue.counts, { queued: 0, exported: 0, dropped: NONE });
  });

  it('sends everything at shutdown, once, and counts what ends later', async () => {
    const exporter = new ScriptedExporter();
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await Promise.all([queue.shutdown(), queue.shutdown()]);
    end('d');
    assert.deepEqual(exporter.taken, ['a', 'b', 'c']);
    assert.equal(exporter.closed, true);
    assert.deepEqual(queue.counts, { queued: 0, exported: 3, dropped: { ...NONE, shutdown: 1 } });
  });

  it('counts what a collector that is away has not taken at shutdown', async () => {
    const exporter = new ScriptedExporter('unavailable');
    const { queue, timers, end } = createQueue(exporter);
    end('a');
    await queue.shutdown();
    assert.deepEqual(queue.counts, { queued: 0, exported: 0, dropped: { ...NONE, shutdown: 1 } });
    await timers.fire();
    assert.equal(exporter.batches.length, 1, 'a timer left over sends nothing');
  });

  it('exports outside of any trace, so that no request is made the parent of an export', async () => {
    const manager = new AsyncLocalStorageContextManager();
    context.setGlobalContextManager(manager);
    try {
      const seen: boolean[] = [];
      const key = Symbol('request');
      const exporter = new ScriptedExporter();
      const { queue, end } = createQueue(exporter);
      exporter.export = (_, done) => {
        seen.push(isTracingSuppressed(context.active()), context.active().getValue(key) === 1);
        done({ code: ExportResultCode.SUCCESS });
      };
      await context.with(context.active().setValue(key, 1), async () => {
        end('a', 'b');
        await queue.forceFlush();
      });
      assert.deepEqual(seen, [true, false]);
    } finally {
      context.disable();
    }
  });
});
