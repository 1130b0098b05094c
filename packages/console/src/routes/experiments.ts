/**
 * Starting and stopping experiments, and clearing faults.
 *
 * @module
 */
import { NotFoundError } from '@breakwater/errors';
import { body, json, requireToken, route, type Service, TOKEN_ERRORS } from '@breakwater/hono';
import { z } from '@hono/zod-openapi';
import type { Context } from '../app.ts';
import {
  ExperimentRunningError,
  ExperimentsUnavailableError,
  NoExperimentRunningError,
} from '../errors.ts';
import { TOKEN_HEADER } from './circuits.ts';

const started = z.object({
  name: z.string(),
  pid: z.int().describe('Of the process that runs it.'),
  running: z.boolean(),
  said: z.string().describe('The last thing it said.'),
});
const cleared = z.object({
  ended: z.array(z.string()).describe('Faults that were ended.'),
  left: z.array(z.string()).describe('Faults that could not be ended.'),
});

/** Adds the operations. */
export function mountExperiments(app: Service['app'], { experiments, token }: Context): void {
  const middleware = requireToken(TOKEN_HEADER, token, 'console');
  const start = route({
    method: 'post',
    path: '/experiments',
    summary: 'Start an experiment',
    middleware,
    request: { body: body(z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/) })) },
    responses: { 202: json(started, 'It runs.') },
    errors: [
      ...TOKEN_ERRORS,
      NotFoundError.of('experiment'),
      ExperimentRunningError,
      ExperimentsUnavailableError,
    ],
  });
  app.openapi(start, async (c) => c.json(await experiments.start(c.req.valid('json').name), 202));

  const stop = route({
    method: 'post',
    path: '/experiments/stop',
    summary: 'Stop the running experiment: it undoes its faults and ends',
    middleware,
    request: { body: body(z.strictObject({})) },
    responses: { 202: json(z.object({ stopping: z.boolean() }), 'It was told.') },
    errors: [...TOKEN_ERRORS, NoExperimentRunningError],
  });
  app.openapi(stop, (c) => {
    experiments.stop();
    return c.json({ stopping: true }, 202);
  });

  const clear = route({
    method: 'post',
    path: '/faults/clear',
    summary: 'End every active fault',
    middleware,
    request: { body: body(z.strictObject({})) },
    responses: { 200: json(cleared, 'What was ended, and what could not be.') },
    errors: [...TOKEN_ERRORS, ExperimentsUnavailableError],
  });
  app.openapi(clear, async (c) => {
    const { ended, left } = await experiments.clear();
    return c.json({ ended: [...ended], left: [...left] }, 200);
  });
}
