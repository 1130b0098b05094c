/**
 * The pages.
 *
 * @module
 */
import { RouteNotFoundError } from '@breakwater/errors';
import type { Service } from '@breakwater/hono';
import { raw } from 'hono/html';
import type { Context } from '../app.ts';
import type { Update } from '../live.ts';
import { cataloguePage } from '../pages/catalogue.ts';
import { circuitParts, circuitsPage } from '../pages/circuits.ts';
import { experimentParts, experimentsPage } from '../pages/experiments.ts';
import { nowPage, nowParts } from '../pages/now.ts';
import { comparePage, runPage, runParts } from '../pages/run.ts';
import { readSearch, searchPage, traceIdIn } from '../pages/search.ts';
import { tracePage } from '../pages/trace.ts';
import type { Html } from '../view/format.ts';
import { layout } from '../view/layout.ts';

/** What the report of a run may do: show itself. */
const REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Adds the pages. */
export function mountPages(app: Service['app'], context: Context): void {
  const { experiments } = context;

  app.get('/', async (c) => {
    const contents = nowPage(asHtml(await nowParts(context)));
    return c.html(layout({ title: 'Now', section: '/', contents, live: 'now' }));
  });

  app.get('/circuits', async (c) => {
    const contents = circuitsPage(asHtml(await circuitParts(context)));
    const page = { title: 'Circuits', section: '/circuits', live: 'circuits' } as const;
    return c.html(layout({ ...page, contents }));
  });

  app.get('/trace', async (c) => {
    const search = readSearch(new URL(c.req.url).searchParams);
    const traceId = traceIdIn(search.q);
    if (traceId) return c.redirect(`/trace/${traceId}`);
    const contents = await searchPage(context, search);
    return c.html(layout({ title: 'Failures', section: '/trace', contents }));
  });
  app.get('/trace/:id', async (c) => {
    const traceId = traceIdIn(c.req.param('id'));
    if (!traceId) throw new RouteNotFoundError('A trace id has 32 hex digits, not all zero.');
    const find = (c.req.query('find') ?? '').slice(0, 200);
    const contents = await tracePage(context, traceId, find);
    return c.html(layout({ title: 'Timeline of a request', section: '/trace', contents }));
  });

  app.get('/experiments', async (c) => {
    const contents = experimentsPage(asHtml(await experimentParts(context)));
    const page = { title: 'Experiments', section: '/experiments' } as const;
    return c.html(layout({ ...page, contents, live: 'experiments' }));
  });
  app.get('/experiments/compare', async (c) => {
    const contents = await comparePage(context, c.req.queries('run') ?? []);
    return c.html(layout({ title: 'Two runs', section: '/experiments', contents }));
  });
  app.get('/experiments/:testid', async (c) => {
    const testid = c.req.param('testid');
    const parts = await runParts(context, testid);
    if (!parts) throw new RouteNotFoundError('No run of this id has left a report here.');
    const contents = runPage(asHtml(parts), parts.charts);
    const page = { title: `Run ${testid}`, section: '/experiments' } as const;
    return c.html(layout({ ...page, contents, live: `experiments/${testid}` }));
  });
  app.get('/experiments/:testid/report', async (c) => {
    const page = await experiments.reports.page(c.req.param('testid'));
    if (page === undefined) throw new RouteNotFoundError('This run has left no report here.');
    return c.body(page, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': REPORT_POLICY,
    });
  });

  app.get('/catalogue', async (c) => {
    const contents = await cataloguePage(context);
    return c.html(layout({ title: 'Errors', section: '/catalogue', contents }));
  });
}

/** The fragments were escaped when they were made. */
function asHtml({ fragments }: Update): Record<string, Html> {
  return Object.fromEntries(
    Object.entries(fragments).map(([id, fragment]) => [id, raw(fragment) as Html]),
  );
}
