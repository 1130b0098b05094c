/**
 * `GET /live/:topics`: the stream that keeps pages up to date, of one topic or, with commas
 * between, of several. A browser has six connections to an origin over HTTP/1.1; its pages share
 * one of them, however many are open.
 *
 * @module
 */
import { InvalidRequestError, RouteNotFoundError } from '@breakwater/errors';
import type { Service } from '@breakwater/hono';
import type { Context } from '../app.ts';
import type { Watched } from '../live.ts';
import { circuitParts } from '../pages/circuits.ts';
import { experimentParts } from '../pages/experiments.ts';
import { nowParts } from '../pages/now.ts';
import { runParts } from '../pages/run.ts';

/** How often a page that is looked at is read anew, in milliseconds. */
const EVERY_MS = 2_000;
const RUN_EVERY_MS = 1_000;
/** Topics of one stream; the browser of somebody who opens more tabs leaves the rest still. */
const MAX_TOPICS = 32;
const RUN = /^experiments\/([^/]+)$/;

/** Adds the stream. */
export function mountLive(app: Service['app'], context: Context): void {
  app.get('/live/:topics{.+}', (c) => {
    const topics = new Set(c.req.param('topics').split(','));
    if (topics.size > MAX_TOPICS) {
      throw new InvalidRequestError(`At most ${MAX_TOPICS} topics are told in one stream.`);
    }
    return context.live.watch([...topics].map((topic) => watchedOf(topic, context)));
  });
}

function watchedOf(topic: string, context: Context): Watched {
  switch (topic) {
    case 'now':
      return { topic, everyMs: EVERY_MS, read: () => nowParts(context) };
    case 'circuits':
      return { topic, everyMs: EVERY_MS, read: () => circuitParts(context) };
    case 'experiments':
      return { topic, everyMs: EVERY_MS, read: () => experimentParts(context) };
    default: {
      const testid = RUN.exec(topic)?.[1];
      if (testid === undefined) throw new RouteNotFoundError(`${topic} is not kept up to date.`);
      const read = async () => (await runParts(context, testid)) ?? { fragments: {} };
      return { topic, everyMs: RUN_EVERY_MS, read };
    }
  }
}
