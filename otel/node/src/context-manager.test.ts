import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { ContextManager } from './context-manager.ts';

const KEY = createContextKey('test');
const manager = new ContextManager().enable();
const named = (name: string) => ROOT_CONTEXT.setValue(KEY, name);
const active = () => manager.active().getValue(KEY);

describe('ContextManager', () => {
  it('runs every listener of a bound emitter in its context, whenever it was added', () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    emitter.on('event', () => seen.push(active()));
    manager.bind(named('a'), emitter);
    emitter.once('event', () => seen.push(active()));
    manager.with(named('b'), () => emitter.emit('event'));
    assert.deepEqual(seen, ['a', 'a']);
    assert.equal(active(), undefined);
  });

  it('leaves what emitters promise as it is', () => {
    const emitter = manager.bind(named('a'), new EventEmitter());
    const seen: unknown[] = [];
    const listener = function (this: EventEmitter, ...args: unknown[]) {
      seen.push(this === emitter, ...args);
    };
    emitter.on('event', listener);
    assert.equal(emitter.emit('event', 1, 2), true);
    emitter.off('event', listener);
    assert.equal(emitter.emit('event'), false);
    assert.deepEqual(seen, [true, 1, 2]);
    assert.equal(emitter.listenerCount('event'), 0);
    assert.throws(() => emitter.emit('error', new Error('unheard')), /unheard/);
  });

  it('keeps the first context of an emitter', () => {
    const emitter = new EventEmitter();
    manager.bind(named('a'), manager.bind(named('a'), emitter));
    manager.bind(named('b'), emitter);
    let seen: unknown;
    emitter.on('event', () => {
      seen = active();
    });
    emitter.emit('event');
    assert.equal(seen, 'a');
  });

  it('binds functions, and leaves anything else alone', () => {
    assert.equal(manager.bind(named('a'), active)(), 'a');
    assert.equal(manager.bind(named('a'), 7), 7);
  });

  it('knows the request when its connection breaks, which the socket’s own context does not', async () => {
    const closed = Promise.withResolvers<unknown>();
    const server = createServer((incoming, outgoing) => {
      manager.bind(named(String(incoming.url)), outgoing);
      outgoing.on('close', () => closed.resolve(active()));
      client.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = request({ port, host: '127.0.0.1', path: '/a' });
    client.on('error', () => {}).end();
    assert.equal(await closed.promise, '/a');
    server.close();
  });
});
