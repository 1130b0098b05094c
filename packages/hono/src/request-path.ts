/**
 * The path of a request through an adopted app, in one piece: ids, span, metrics, line, bounds.
 *
 * @module
 */
import { InternalError } from '@breakwater/errors';
import { contextInScope, runInScope } from '@breakwater/resilience';
import { setSpanRoute } from '@breakwater/telemetry';
import { context } from '@opentelemetry/api';
import type { Context, ErrorHandler } from 'hono';
import { cancelStream } from './guard-stream.ts';
import { routeTemplate } from './matched-route.ts';
import type { Observer } from './observe.ts';
import type { Received } from './received.ts';
import {
  identify,
  newRecord,
  type RequestRecord,
  recordOf,
  recordOfRaw,
  routeOf,
} from './request-record.ts';
import { type RequestScopes, refuseExpired } from './request-scope.ts';
import { endServerSpan, startServerSpan } from './server-span.ts';
import { dropInternalHeaders, type Trust } from './trust.ts';

/** What may refuse a request, once Hono has a context for it, by throwing. */
export type Admission = (c: Context, record: RequestRecord) => void;

export interface RequestPathOptions {
  readonly trust: Trust;
  /** Whether a request gets a SERVER span where no instrumentation made one. */
  readonly spans: boolean;
  /** Whether that is so for a path. */
  readonly isTraced: (path: string) => boolean;
  /** Whether the ids are put on the response. */
  readonly ids: boolean;
  /** Sees every response. */
  readonly observer: Observer;
  /** What cuts a request at its deadline. Default: nothing does. */
  readonly scopes?: RequestScopes | undefined;
  readonly admissions: readonly Admission[];
  /** Responds to what was thrown. */
  readonly onError: ErrorHandler;
}

type Respond = () => Response | Promise<Response>;

/**
 * One function round an app's own `fetch` rather than a middleware: a handler that responds at once
 * is responded for at once, since nothing here is asynchronous. Hono would run the first middleware
 * of an app through promises, which costs as much as half of what stands here.
 */
export class RequestPath {
  readonly #options: RequestPathOptions;

  constructor(options: RequestPathOptions) {
    this.#options = options;
  }

  /** Takes a request through; `respond` does its work. */
  conduct(received: Received, respond: Respond): Response | Promise<Response> {
    const { trust, spans, isTraced, scopes } = this.#options;
    if (trust === 'edge') dropInternalHeaders(received);
    const server = spans && isTraced(received.path) ? startServerSpan(received) : undefined;
    const record = newRecord(received, server);
    const bounds = scopes?.begin(record, trust === 'internal');
    const within = () => this.#within(record, respond);
    const inScope = () => (bounds ? runInScope(bounds, within) : within());
    if (!server) return inScope();
    const entered = (bounds && contextInScope(server.context, bounds)) ?? server.context;
    return context.with(entered, () => {
      const isInScope = entered !== server.context && context.active() === entered;
      return isInScope ? within() : inScope();
    });
  }

  /** Called when Hono has a context for the request; the first time, it may be refused. */
  enter(c: Context): void {
    const record = recordOf(c);
    if (!record || record.context) return;
    record.context = c;
    c.set('breakwater', record);
    // Before the work: a client that goes away ends the span of an instrumentation early.
    if (!record.server) setSpanRoute(routeTemplate(c));
    refuseExpired(record);
    for (const admit of this.#options.admissions) admit(c, record);
  }

  #within(record: RequestRecord, respond: Respond) {
    const { ids, observer } = this.#options;
    const identity = ids ? identify(record) : undefined;
    observer.begin(record);
    const done = (response: Response): Response => {
      const sent = this.#end(record, response);
      return identity ? identity(sent) : sent;
    };
    try {
      const result = record.bounds ? record.bounds.run(respond) : respond();
      if (!(result instanceof Promise)) return done(result);
      return result.then(done, (thrown) => this.#fail(record, thrown, done));
    } catch (thrown) {
      return this.#fail(record, thrown, done);
    }
  }

  #end(record: RequestRecord, response: Response): Response {
    const { observer, scopes } = this.#options;
    if (record.method === 'HEAD') cancelSource(record);
    const { status } = response;
    const endSpan = () => {
      const { method, server } = record;
      if (server) endServerSpan(server.span, { method, route: routeOf(record), status });
    };
    const sent = observer.end(record, response, endSpan);
    record.release?.();
    scopes?.end(record, sent);
    // Of a stream the end is told, once it is read.
    if (sent === response) endSpan();
    return sent;
  }

  /** Hono hands errors on to nobody but their handler, and what is none to whoever serves the app. */
  #fail(
    record: RequestRecord,
    thrown: unknown,
    done: (response: Response) => Response,
  ): Response | Promise<Response> {
    const { onError, observer, scopes } = this.#options;
    const c = record.context;
    if (!c) {
      observer.abandon(record);
      record.release?.();
      scopes?.end(record, undefined);
      record.server?.span.end();
      throw thrown;
    }
    const error = thrown instanceof Error ? thrown : new InternalError(thrown);
    c.error = error;
    const response = onError(error, c);
    return response instanceof Promise ? response.then(done) : done(response);
  }
}

/** Whether a request is on its way already, through this app or one around it. */
export function isConducted(raw: Request): boolean {
  return recordOfRaw(raw) !== undefined;
}

/** What GET would have sent: nobody will read it. */
function cancelSource({ context: c, source }: RequestRecord): void {
  const response = c?.finalized ? c.res : source;
  if (response) cancelStream(response);
}
