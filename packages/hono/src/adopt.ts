/**
 * Puts the request path into an app: one middleware before all others, `onError` and `notFound`.
 *
 * @module
 */
import type { ErrorHandler, Hono, NotFoundHandler } from 'hono';
import { chain, type Step } from './chain.ts';
import {
  type ErrorHandlerOptions,
  errorHandler,
  notFoundHandler,
  respondToErrors,
} from './error-handler.ts';
import { beginRecord, identified, recordOf } from './request-record.ts';
import { cutHere } from './request-scope.ts';
import { inServerSpan } from './server-span.ts';

/** The request path of an app, from outside in. */
export interface RequestPath {
  /** Takes away what is not believed; the first thing of all. */
  readonly trust: Step;
  /** Whether a request gets a SERVER span where no instrumentation made one. */
  readonly spans: boolean;
  /** Whether the ids are put on the response. */
  readonly ids: boolean;
  /** Sees every response. */
  readonly observe: Step;
  /** What cuts a request at its deadline; empty: nothing does. */
  readonly bounds: readonly Step[];
  /** Decides who is let in, and sees the response of whom it let in. */
  readonly access?: Step | undefined;
  /** What may refuse a request once it is let in. */
  readonly limits: readonly Step[];
  /** Who responds to errors; `false` leaves it to the app, and only notes them. */
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
export function adopt(given: object, path: RequestPath): void {
  const app = given as Hono;
  const onError = ownErrors(app, path);
  const respond: Step = (c, next) => respondToErrors(c, next, onError);
  const { access } = path;
  const handle = chain([
    path.observe,
    respond,
    ...path.bounds,
    ...(access ? [access, respond, cutHere()] : []),
    ...path.limits,
  ]);
  app.use((c, next) => {
    // An app that was adopted by itself, as a part of this one.
    if (recordOf(c)) return next();
    const run = async () => {
      const record = beginRecord(c);
      if (path.ids) await identified(c, record, () => handle(c, next));
      else await handle(c, next);
    };
    return path.trust(c, () => (path.spans ? inServerSpan(c, run) : run())) as Promise<void>;
  });
}

/** Stays in the app's place for errors, whatever it sets of its own, before or after. */
function ownErrors(app: Hono, { errors, contract }: RequestPath): ErrorHandler {
  const untouched = new (app.constructor as new () => Hono)();
  const byHono = handlerOf(app) === handlerOf(untouched);
  let ownError: ErrorHandler | undefined = byHono && contract ? undefined : handlerOf(app);
  let ownNotFound: NotFoundHandler | undefined = contract
    ? undefined
    : (c) => c.text('404 Not Found', 404);
  const onError = errorHandler(errors, () => ownError);
  const setNotFound = app.notFound;
  app.onError(onError);
  setNotFound(notFoundHandler(app, () => ownNotFound));
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
