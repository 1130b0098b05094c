/**
 * What every variant of the service under load has to do.
 *
 * @module
 */
import type { Hono } from 'hono';

/** Adds the route under load, and one with a bug. */
export function withRoutes(app: Hono): Hono {
  return app
    .get('/items/:id', (c) => c.json({ id: c.req.param('id'), name: 'Lamp', stock: 12 }))
    .get('/fail', () => {
      throw new Error('the shelf fell down');
    });
}
