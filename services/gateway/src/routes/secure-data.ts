/**
 * `GET /secure_data`: what only those who know a token may see.
 *
 * @module
 */

import { json, requireToken, route, TOKEN_ERRORS, type TokenOptions } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';

const HEADER = 'X-Token';
const SCHEME = 'token';

/** Adds the operation; `token` is what the header `X-Token` must hold. */
export function mountSecureData(app: Service['app'], token: string, options?: TokenOptions): void {
  app.openAPIRegistry.registerComponent('securitySchemes', SCHEME, {
    type: 'apiKey',
    in: 'header',
    name: HEADER,
  });
  const getSecureData = route({
    method: 'get',
    path: '/secure_data',
    summary: 'Data for those who know the token',
    security: [{ [SCHEME]: [] }],
    middleware: requireToken(HEADER, token, 'secure_data', options),
    responses: { 200: json(z.object({ data: z.string() }), 'The data.') },
    errors: [...TOKEN_ERRORS],
  });
  app.openapi(getSecureData, (c) => c.json({ data: 'for those who know the token' }, 200));
}
