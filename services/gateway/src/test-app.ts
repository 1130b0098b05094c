/**
 * The gateway as tests meet it: before peers that do as told, in time that stands still.
 *
 * @module
 */
import { OverloadedError } from '@breakwater/errors';
import { testResilience } from '@breakwater/resilience/testing';
import { type PeerServer, requester, servePeer, testTelemetry } from '@breakwater/testing';
import { type AppDependencies, createApp } from './app.ts';
import { createExperiments } from './experiments.ts';
import { createPeers } from './peers.ts';

/** A peer of which each request succeeds or fails as `fails` says. */
export interface FlakyPeer extends PeerServer {
  /** Requests so far, by their path. */
  readonly seen: string[];
  fails: () => boolean;
}

async function serveFlaky(name: string, answers: Readonly<Record<string, object>>) {
  const peer: FlakyPeer = Object.assign(await servePeer(name), { seen: [], fails: () => false });
  for (const [path, answer] of Object.entries(answers)) {
    peer.app.get(path, (c) => {
      peer.seen.push(c.req.path);
      if (peer.fails()) throw new OverloadedError('By chance.');
      return c.json(answer);
    });
  }
  return peer;
}

/** The items that the catalog of {@link makeTestApp} lists. */
export const ITEMS = {
  items: [{ id: 'item1', name: 'Health Potion', price_cents: 500, currency: 'EUR', stock: 3 }],
  total: 1,
};

/** Makes the app between a catalog and an outside world that can fail. */
export async function makeTestApp(options: Partial<AppDependencies> = {}) {
  const catalog = await serveFlaky('catalog', {
    '/items': ITEMS,
    '/items/:id': ITEMS.items[0] ?? {},
  });
  const unstable = await serveFlaky('unstable', {
    '/fake_service': { status: 'ok' },
    '/unstable': { status: 'ok' },
  });
  const virtual = testResilience({ metrics: false });
  const { resilience } = virtual;
  const urls = { catalogUrl: catalog.url, ordersUrl: catalog.url, usersUrl: catalog.url };
  const telemetry = testTelemetry('gateway');
  const { app, operations } = createApp({
    peers: createPeers(urls, resilience),
    experiments: createExperiments(unstable.url, resilience),
    secureDataToken: 'secret',
    resilience,
    ...telemetry,
    ...options,
  });
  return {
    ...telemetry,
    ...virtual,
    catalog,
    unstable,
    request: requester(app),
    operate: requester(operations),
    async stop() {
      await catalog.stop();
      await unstable.stop();
    },
  };
}
