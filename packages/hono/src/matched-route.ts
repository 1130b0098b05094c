/**
 * Which route a request is about: the one whose handler responds, whatever else matches its path.
 *
 * @module
 */
import type { Context, Env, Hono } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { RouterRoute } from 'hono/types';
import { COMPOSED_HANDLER } from 'hono/utils/constants';
import { ROUTE_UNMATCHED } from './names.ts';

/**
 * The template of the route, as `/items/:id`; `unmatched` when there is none. Before the work it is
 * the route whose handler is due, afterwards the one whose handler was reached: they differ only
 * where a handler passes the request on to a later one.
 *
 * @param hasResponse whether the response is ready. Default: whether Hono's context has it
 */
export function routeTemplate(c: Context, hasResponse = c.finalized): string {
  const routes = matchedRoutes(c);
  const reached = routes[c.req.routeIndex];
  if (reached && isHandler(reached)) return reached.path;
  const due = routes.find(isHandler);
  if (due) return due.path;
  // What a middleware answers for a whole subtree, such as an app that is mounted there.
  return hasResponse && reached && !isEverywhere(reached) ? reached.path : ROUTE_UNMATCHED;
}

/** The method of the handler: HEAD is the work of GET (RFC 9110, section 9.3.2). */
export function handlerMethod(c: Context): string {
  return workOf(c.req.method);
}

/** {@link handlerMethod} of a request's method. */
export function workOf(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

/** Whether a handler of the request's own was reached; a middleware for all paths is none. */
export function isHandled(c: Context): boolean {
  const reached = matchedRoutes(c)[c.req.routeIndex];
  return reached !== undefined && isHandler(reached);
}

/** The methods for which a path has a handler, by the router itself; sorted. */
export function methodsAt<E extends Env>(app: Hono<E>, path: string): string[] {
  const methods = new Set(app.routes.map(({ method }) => method));
  methods.delete('ALL');
  const allowed = [...methods].filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => isHandler(route)),
  );
  if (allowed.includes('GET') && !allowed.includes('HEAD')) allowed.push('HEAD');
  return allowed.sort();
}

/**
 * Hono keeps handlers and middlewares in one list. A handler takes no `next`; what takes one is a
 * middleware where it stands for all methods or for a subtree, and else belongs to the operation of
 * its path, as validators do.
 */
export function isHandler(route: RouterRoute): boolean {
  const { method, path } = route;
  if (method !== 'ALL' && !path.includes('*')) return true;
  const handler = Reflect.get(route.handler, COMPOSED_HANDLER) ?? route.handler;
  return handler.length < 2 && !(isEverywhere(route) && handler.length === 0);
}

/** A middleware of the whole app. */
function isEverywhere({ method, path }: RouterRoute): boolean {
  return method === 'ALL' && (path === '/*' || path === '*');
}
