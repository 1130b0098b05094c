/**
 * `GET /api/sources/:question`: traces, lines and metrics for the command line, where no backend has
 * them.
 *
 * @module
 */
import { DependencyUnavailableError, InvalidRequestError } from '@breakwater/errors';
import { json, route, type Service } from '@breakwater/hono';
import { answerQuestion, BackendError, SOURCE_QUESTIONS } from '@breakwater/timeline';
import { z } from '@hono/zod-openapi';
import type { Context } from '../app.ts';

const time = z
  .string()
  .regex(/^\d{1,15}(?:\.\d{1,9})?$/, 'must be a number in digits')
  .optional()
  .describe('Unix time, in milliseconds.');

const getAnswer = route({
  method: 'get',
  path: '/api/sources/{question}',
  summary: 'What the console knows of a trace, a series or its exemplars',
  request: {
    params: z.object({ question: z.enum(SOURCE_QUESTIONS) }),
    query: z.object({
      about: z.string().max(1_000).describe('A trace id, a selector, or nothing.'),
      from: time,
      to: time,
    }),
  },
  responses: { 200: json(z.unknown(), 'The answer.') },
  errors: [InvalidRequestError, DependencyUnavailableError],
});

/** Adds the operation. */
export function mountSources(app: Service['app'], { telemetry }: Context): void {
  app.openapi(getAnswer, async (c) => {
    const { question } = c.req.valid('param');
    const parameters = new URL(c.req.url).searchParams;
    const answer = await answerQuestion(telemetry.sources, question, parameters).catch((error) => {
      throw refusal(error);
    });
    return c.json(answer, 200);
  });
}

function refusal(error: unknown): unknown {
  if (error instanceof BackendError) {
    return new DependencyUnavailableError(error.backend.toLowerCase(), { cause: error });
  }
  const unreadable = error instanceof TypeError || error instanceof SyntaxError;
  return unreadable
    ? new InvalidRequestError('The question cannot be read.', { cause: error })
    : error;
}
