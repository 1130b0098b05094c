import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { context, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SendOutcome, SpanSender } from './exporter.ts';
import { SpanQueue, type SpanQueueOptions } from './span-queue.ts';

type Step = 'taken' | 'away' | 'hangs' | SendOutcome | (() => never);

/** Meets each batch with the next step of a script, and at last for ever with `taken`. */
class ScriptedSender implements SpanSender {
  readonly batches: string[][] = [];
  readonly taken: string[] = [];
  closed = false;
  #script: Step[];
  #hanging: (() => void)[] = [];

  constructor(...script: Step[]) {
    this.#script = script;
  }

  prepare(span: ReadableSpan): ReadableSpan {
    if (span.name === 'broken') throw new TypeError('the span cannot be serialised');
    return span;
  }

  async send(spans: readonly ReadableSpan[]): Promise<SendOutcome> {
    const names = spans.map((span) => span.name);
    this.batches.push(names);
    const step = this.#script.shift() ?? 'taken';
    if (typeof step === 'function') step();
    if (step === 'away') return { kind: 'retry', reached: false };
    if (typeof step === 'object') return step;
    if (step === 'hangs') await new Promise<void>((resolve) => this.#hanging.push(resolve));
    this.taken.push(...names);
    return { kind: 'accepted', rejected: 0 };
  }

  /** Lets the batch that hangs be taken. */
  release(): void {
    this.#hanging.shift()?.();
  }

  close(): void {
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

function createQueue(exporter: SpanSender, options: Partial<SpanQueueOptions> = {}) {
  const timers = new Timers();
  const queue = new SpanQueue({
    exporter,
    batchSize: 2,
    capacity: 4,
    delayMs: 100,
    maxBackoffMs: 500,
    setTimer: timers.set,
    random: () => 1,
    ...options,
  });
  const end = (...names: string[]) => {
    for (const name of names) queue.onEnd(span(name));
  };
  return { queue, timers, end };
}

const NONE = { queueFull: 0, rejected: 0, retriesExhausted: 0, shutdown: 0 };
const BUSY = { kind: 'retry', reached: true } as const;
const REFUSED = { kind: 'refused' } as const;

describe('SpanQueue', () => {
  it('waits for company, then sends in order and in batches', async () => {
    const exporter = new ScriptedSender();
    const { queue, timers, end } = createQueue(exporter);
    end('a');
    assert.deepEqual(exporter.batches, []);
    await timers.fire();
    assert.deepEqual(exporter.batches, [['a']]);
    end('b', 'c', 'd');
    await settle();
    assert.deepEqual(exporter.batches, [['a'], ['b', 'c']]);
    await timers.fire();
    assert.deepEqual(exporter.batches, [['a'], ['b', 'c'], ['d']]);
    assert.deepEqual(queue.counts, { queued: 0, exported: 4, dropped: NONE });
    assert.deepEqual(timers.delays, [100, 100], 'a timer a batch, not one a span');
  });

  it('keeps a failed batch at the head and loses nothing when the collector is back', async () => {
    const exporter = new ScriptedSender('away', BUSY, 'away');
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
    const failures = Array.from({ length: 5 }, () => 'away' as const);
    const exporter = new ScriptedSender(...failures);
    const { timers, end } = createQueue(exporter);
    end('a');
    for (let i = 0; i < 6; i++) await timers.fire();
    assert.deepEqual(exporter.taken, ['a']);
    end('b');
    assert.deepEqual(timers.delays, [100, 200, 400, 500, 500, 500, 100]);
  });

  it('does not hammer a collector that is away: full batches wait for the timer too', async () => {
    const exporter = new ScriptedSender('away');
    const { end } = createQueue(exporter);
    end('a', 'b');
    await settle();
    end('c', 'd');
    await settle();
    assert.equal(exporter.batches.length, 1);
  });

  it('drops the newest when it is full, and counts them', async () => {
    const exporter = new ScriptedSender('away');
    const { queue, timers, end } = createQueue(exporter);
    end('a', 'b', 'c', 'd', 'e', 'f');
    await settle();
    assert.deepEqual(queue.counts, { queued: 4, exported: 0, dropped: { ...NONE, queueFull: 2 } });
    await timers.fire();
    assert.deepEqual(exporter.taken, ['a', 'b', 'c', 'd']);
  });

  it('gives up a batch that will never be taken, counts it, and goes on', async () => {
    const exporter = new ScriptedSender(REFUSED);
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await queue.forceFlush();
    assert.deepEqual(exporter.taken, ['c']);
    assert.deepEqual(queue.counts, { queued: 0, exported: 1, dropped: { ...NONE, rejected: 2 } });
  });

  it('counts what a partial success left out, and never sends it again', async () => {
    const exporter = new ScriptedSender({ kind: 'accepted', rejected: 1 });
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await queue.forceFlush();
    assert.deepEqual(exporter.batches, [['a', 'b'], ['c']]);
    assert.deepEqual(queue.counts, { queued: 0, exported: 2, dropped: { ...NONE, rejected: 1 } });
  });

  it('believes no collector that has rejected more than it was sent', async () => {
    const exporter = new ScriptedSender({ kind: 'accepted', rejected: 99 });
    const { queue, end } = createQueue(exporter);
    end('a');
    await queue.forceFlush();
    assert.deepEqual(queue.counts, { queued: 0, exported: 0, dropped: { ...NONE, rejected: 1 } });
  });

  it('waits as long as it is asked to, and no longer than five minutes', async () => {
    const asked = (afterMs: number) => ({ ...BUSY, afterMs });
    const exporter = new ScriptedSender(asked(20_000), asked(10 * 60_000), asked(0), BUSY);
    const { timers, end } = createQueue(exporter);
    end('a');
    for (let i = 0; i < 5; i++) await timers.fire();
    assert.deepEqual(exporter.taken, ['a']);
    end('b');
    assert.deepEqual(timers.delays, [100, 20_000, 300_000, 500, 500, 100]);
  });

  it('spreads its tries over the second half of each wait', async () => {
    const exporter = new ScriptedSender('away', 'away');
    const { timers, end } = createQueue(exporter, { random: () => 0 });
    end('a');
    for (let i = 0; i < 3; i++) await timers.fire();
    assert.deepEqual(timers.delays, [100, 100, 200]);
  });

  it('drops the batch that is put off too often, counts it, and goes on with the next', async () => {
    const exporter = new ScriptedSender(BUSY, 'away', BUSY, BUSY);
    const { queue, timers, end } = createQueue(exporter, { maxRefusals: 3 });
    end('a', 'b');
    await settle();
    end('c');
    for (let i = 0; i < 4; i++) await timers.fire();
    assert.deepEqual(exporter.taken, ['c']);
    assert.deepEqual(queue.counts, {
      queued: 0,
      exported: 1,
      dropped: { ...NONE, retriesExhausted: 2 },
    });
  });

  it('waits without end while nobody listens', async () => {
    const exporter = new ScriptedSender(...Array.from({ length: 500 }, () => 'away' as const));
    const { queue, timers, end } = createQueue(exporter, { maxRefusals: 3 });
    end('a');
    for (let i = 0; i < 501; i++) await timers.fire();
    assert.deepEqual(exporter.taken, ['a']);
    assert.deepEqual(queue.counts.dropped, NONE);
  });

  it('sends a batch again as it was, whatever has come since', async () => {
    const exporter = new ScriptedSender('away');
    const { timers, end } = createQueue(exporter);
    end('a');
    await timers.fire();
    end('b');
    await timers.fire();
    assert.deepEqual(exporter.batches, [['a'], ['a'], ['b']]);
  });

  it('counts a batch that cannot be serialised as rejected, and goes on', async () => {
    const exporter = new ScriptedSender(() => {
      throw new TypeError('a span attribute cannot be written');
    });
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await queue.forceFlush();
    assert.deepEqual(exporter.taken, ['c']);
    assert.deepEqual(queue.counts.dropped, { ...NONE, rejected: 2 });
  });

  it('sends what came while a batch was under way with the next one, not by itself', async () => {
    const exporter = new ScriptedSender('hangs');
    const { timers, end } = createQueue(exporter);
    end('a', 'b');
    end('c');
    exporter.release();
    await new Promise(setImmediate);
    assert.deepEqual(exporter.batches, [['a', 'b']]);
    await timers.fire();
    assert.deepEqual(exporter.batches, [['a', 'b'], ['c']]);
  });

  it('counts a span that cannot be serialised as rejected, and no other with it', async () => {
    const exporter = new ScriptedSender();
    const { queue, end } = createQueue(exporter);
    end('a', 'broken', 'b');
    await queue.forceFlush();
    assert.deepEqual(exporter.taken, ['a', 'b']);
    assert.deepEqual(queue.counts.dropped, { ...NONE, rejected: 1 });
  });

  it('has one export under way at a time', async () => {
    const exporter = new ScriptedSender('hangs');
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
    const exporter = new ScriptedSender();
    const { queue } = createQueue(exporter);
    queue.onEnd(span('a', TraceFlags.NONE));
    await queue.forceFlush();
    assert.deepEqual(queue.counts, { queued: 0, exported: 0, dropped: NONE });
  });

  it('sends everything at shutdown, once, and counts what ends later', async () => {
    const exporter = new ScriptedSender();
    const { queue, end } = createQueue(exporter);
    end('a', 'b', 'c');
    await Promise.all([queue.shutdown(), queue.shutdown()]);
    end('d');
    assert.deepEqual(exporter.taken, ['a', 'b', 'c']);
    assert.equal(exporter.closed, true);
    assert.deepEqual(queue.counts, { queued: 0, exported: 3, dropped: { ...NONE, shutdown: 1 } });
  });

  it('counts what a collector that is away has not taken at shutdown', async () => {
    const exporter = new ScriptedSender('away');
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
      const exporter = new ScriptedSender();
      const { queue, end } = createQueue(exporter);
      exporter.send = async () => {
        seen.push(isTracingSuppressed(context.active()), context.active().getValue(key) === 1);
        return { kind: 'accepted', rejected: 0 };
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
