/**
 * One failed response for every error code, in every format.
 *
 * @module
 */
import { AppError, type FormatName, formats } from '@breakwater/errors';
import { createService } from '@breakwater/kit';
import { requester, testTelemetry } from '@breakwater/testing';
import { loadDefinitions } from '../error-contract/definitions.ts';
import type { ErrorGolden } from './golden.ts';

/** Has a service respond with every error code that there is. */
export async function recordErrors(): Promise<ErrorGolden[]> {
  const definitions = await loadDefinitions();
  const golden: ErrorGolden[] = [];
  for (const format of Object.keys(formats) as FormatName[]) {
    const { app } = createService({
      name: 'golden',
      description: 'Fails as it is asked to.',
      format,
      errorRate: { threshold: 1 },
      ...testTelemetry('golden'),
    });
    app.get('/fail/:code', (c) => {
      const kind = definitions.find((each) => each.kind.code === c.req.param('code'))?.kind;
      const context = { order_id: 'golden-1' };
      throw new AppError('It did not work.', {
        ...(kind ? { kind } : {}),
        context,
        retryAfterS: 3,
      });
    });
    for (const { kind } of definitions) {
      const { status, headers, body } = await requester(app)('GET', `/fail/${kind.code}`);
      const kept = ['content-type', 'retry-after', 'x-trace-id'].flatMap((name) => {
        const value = headers.get(name);
        return value === null ? [] : [[name, value]];
      });
      golden.push({ code: kind.code, format, status, headers: Object.fromEntries(kept), body });
    }
  }
  return golden;
}
