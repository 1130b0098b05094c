/**
 * `GET /static/:version/:name`.
 *
 * @module
 */
import { RouteNotFoundError } from '@breakwater/errors';
import type { Service } from '@breakwater/hono';
import { asset } from '../assets.ts';

/** Adds the files that pages load. */
export function mountAssets(app: Service['app']): void {
  app.get('/static/:version/:name', (c) => {
    const found = asset(c.req.param('version'), c.req.param('name'));
    if (!found) throw new RouteNotFoundError('No file has this path.');
    return found;
  });
}
