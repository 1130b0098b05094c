/**
 * Puts the request path round an app: its `fetch`, its handlers, `onError` and `notFound`.
 *
 * @module
 */
import type {
  Context,
  ErrorHandler,
  Handler,
  Hono,
  MiddlewareHandler,
  Next,
  NotFoundHandler,
} from 'hono';
import {
  type ErrorHandlerOptions,
  errorHandler,
  notFoundHandler,
  respondToErrors,
} from './error-handler.ts';
import { isHandler } from './matched-route.ts';
import { Received } from './received.ts';
import { isConducted, RequestPath, type RequestPathOptions } from './request-path.ts';
import { beginRecord, type RequestRecord, recordOf } from './request-record.ts';

export interface AdoptOptions extends Omit<RequestPathOptions, 'onError'> {
  /**
   * Decides who is let in, and sees the response of whom it let in; admissions come after it.
   * Default: everybody is.
   */
  readonly access?: MiddlewareHandler | undefined;
  /** Who responds to errors; with `contract` false it is the app, and they are only noted. */
  readonly errors: ErrorHandlerOptions;
  readonly contract: boolean;
}

/** @throws {TypeError} when an app has routes already: Hono would not take a request past them */
export function refuseLate(app: object): void {
  const [first] = (app as Hono).routes;
  if (!first) return;
  throw new TypeError(
    `adopt the app before its first route: ${first.method} ${first.path} is there already`,
  );
}

/** Adopts an app that has no route as yet. */
export function adopt(given: object, options: AdoptOptions): void {
  const app = given as Hono;
  const { access, admissions } = options;
  let path: RequestPath;
  const onError = ownErrors(app, options, (c) => path.enter(c));
  path = new RequestPath({ ...options, admissions: access ? [] : admissions, onError });
  conductFetch(app, path);
  conductHandlers(app, path);
  if (!access) return;
  app.use((c, next) => {
    const record = beginRecord(c);
    const letIn = async () => {
      for (const admit of admissions) admit(c, record);
      await next();
    };
    // Cut inside of the access control, which still sees the response.
    const work = async () => record.bounds?.run(letIn) ?? letIn();
    return access(c, () => respondToErrors(c, work, onError));
  });
}

/** The way in from a server. */
function conductFetch(app: Hono, path: RequestPath): void {
  const { fetch } = app;
  app.fetch = (raw, ...rest) => {
    if (isConducted(raw)) return fetch(raw, ...rest);
    return path.conduct(new Received(raw, rest[0]), () => fetch(raw, ...rest));
  };
}

/**
 * Hono makes a context for a request and hands it to nobody but the handlers. A handler that is
 * reached by another way than {@link conductFetch} is conducted itself: that of a copy of the app
 * (`basePath`), and all of them where the app is a part of another one (`route`), which copies what
 * stands in `routes` but not in the router.
 */
function conductHandlers(app: Hono, path: RequestPath): void {
  const conducted: MiddlewareHandler = async (c, next) => {
    if (recordOf(c)) return next();
    const received = new Received(c.req.raw, c.env);
    const response = await path.conduct(received, async () => {
      path.enter(c);
      await next();
      return c.res;
    });
    if (response !== c.res) c.res = response;
  };
  app.routes.unshift({ basePath: '/', path: '/*', method: 'ALL', handler: conducted });
  const { router } = app;
  const add = router.add.bind(router);
  router.add = (method, template, [handler, route]) => {
    const reached = isHandler(route) ? route.path : undefined;
    const entered: Handler = (c, next) => {
      const record = recordOf(c);
      if (!record) return conductAlone(handler, c, next);
      if (!record.context) path.enter(c);
      // A handler may hand the request on to an app of its own.
      if (record.context === c) record.reached = reached;
      const result = handler(c, next);
      if (record.method === 'HEAD') noteSource(record, result);
      return result;
    };
    add(method, template, [entered, route]);
  };
  const conductAlone = (handler: Handler, c: Parameters<Handler>[0], next: Next) =>
    conducted(c, async () => {
      const response = await handler(c, next);
      if (response) c.res = response;
    }).then(() => (c.finalized ? c.res : undefined));
}

/** Keeps what GET would have sent: of HEAD, Hono hands on an empty response. */
function noteSource(record: RequestRecord, result: unknown): void {
  if (result instanceof Response) record.source = result;
  if (!(result instanceof Promise)) return;
  result.then(
    (response) => noteSource(record, response),
    () => undefined,
  );
}

/** Stays in the app's place for errors, whatever it sets of its own, before or after. */
function ownErrors(
  app: Hono,
  { errors, contract }: AdoptOptions,
  enter: (c: Context) => void,
): ErrorHandler {
  const untouched = new (app.constructor as new () => Hono)();
  const byHono = handlerOf(app) === handlerOf(untouched);
  let ownError: ErrorHandler | undefined = byHono && contract ? undefined : handlerOf(app);
  let ownNotFound: NotFoundHandler | undefined = contract
    ? undefined
    : (c) => c.text('404 Not Found', 404);
  const onError = errorHandler(errors, () => ownError);
  const setNotFound = app.notFound;
  app.onError(onError);
  const notFound = notFoundHandler(app, () => ownNotFound);
  setNotFound((c) => {
    enter(c);
    return notFound(c);
  });
  app.onError = (handler) => {
    ownError = handler;
    return app;
  };
  app.notFound = (handler) => {
    ownNotFound = handler;
    return app;
  };
  return onError;
}

/** Hono keeps it where its types do not show it; a sub-app's is read by the app that takes it in. */
function handlerOf(app: Hono): ErrorHandler {
  return Reflect.get(app, 'errorHandler');
}
