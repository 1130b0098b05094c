/**
 * The SERVER span of a request, where no instrumentation has made one.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { redactText } from '@breakwater/errors';
import { clientLink, ATTRIBUTES as OWN } from '@breakwater/telemetry';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { LinkedContext } from './linked-context.ts';
import type { Received } from './received.ts';
import { knownMethod } from './red-metrics.ts';

/** Attributes of HTTP server spans (OpenTelemetry semantic conventions for HTTP, stable). */
const ATTRIBUTES = {
  method: 'http.request.method',
  originalMethod: 'http.request.method_original',
  path: 'url.path',
  query: 'url.query',
  scheme: 'url.scheme',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  clientAddress: 'client.address',
  peerAddress: 'network.peer.address',
  peerPort: 'network.peer.port',
  protocolVersion: 'network.protocol.version',
  userAgent: 'user_agent.original',
  route: 'http.route',
  status: 'http.response.status_code',
  errorType: 'error.type',
} as const;

/** Header fields as the propagator reads them. */
const FIELDS: TextMapGetter<Received> = {
  keys: ({ raw }) => [...raw.headers.keys()],
  get: (received, name) => received.header(name),
};

/** A SERVER span of our own, and the context it is active in. */
export interface ServerSpan {
  readonly span: Span;
  readonly context: Context;
}

/**
 * Starts the SERVER span of a request. Where an instrumentation has made one already, such as that
 * of `node:http`, it is used as it is: one request has one. Without an SDK there is none.
 */
export function startServerSpan(received: Received): ServerSpan | undefined {
  if (trace.getActiveSpan()) return undefined;
  const parent = propagation.extract(context.active(), received, FIELDS);
  const link = clientLink(parent);
  const span = trace.getTracer('@breakwater/hono').startSpan(
    spanMethod(received.raw.method),
    {
      kind: SpanKind.SERVER,
      attributes: attributesOf(received),
      ...(link ? { links: [{ context: link }] } : {}),
    },
    parent,
  );
  return span.isRecording()
    ? { span, context: trace.setSpan(new LinkedContext(parent), span) }
    : undefined;
}

/** How a request ended. */
interface Ended {
  readonly method: string;
  /** Template, as `/items/:id`. */
  readonly route: string;
  readonly status: number;
}

/** Ends it: named `METHOD /route/:template`, and failed where the server failed. */
export function endServerSpan(span: Span, { method, route, status }: Ended): void {
  span
    .updateName(`${spanMethod(method)} ${route}`)
    .setAttribute(ATTRIBUTES.route, route)
    .setAttribute(ATTRIBUTES.status, status);
  if (status >= 500) {
    span.setAttribute(ATTRIBUTES.errorType, String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** Notes the code of the error that a request ended in, on its span, whoever made it. */
export function noteErrorCode(code: string): void {
  trace.getActiveSpan()?.setAttribute(OWN.errorCode, code);
}

/** "{method} MUST be HTTP" where it is none of those that are known: clients choose them. */
function spanMethod(method: string): string {
  const known = knownMethod(method);
  return known === '_OTHER' ? 'HTTP' : known;
}

/** Nothing is undefined here: the SDK would look for that at each. */
function attributesOf({ raw, incoming, path, search }: Received): Attributes {
  const { method } = raw;
  const known = knownMethod(method);
  const attributes: Attributes = {
    [ATTRIBUTES.method]: known,
    [ATTRIBUTES.scheme]: raw.url.startsWith('https:') ? 'https' : 'http',
    [ATTRIBUTES.path]: path,
  };
  if (incoming) describeConnection(attributes, incoming);
  const userAgent = incoming ? incoming.headers['user-agent'] : raw.headers.get('user-agent');
  if (userAgent) attributes[ATTRIBUTES.userAgent] = userAgent;
  if (known !== method) attributes[ATTRIBUTES.originalMethod] = method;
  if (search.length > 1) attributes[ATTRIBUTES.query] = redactText(search.slice(1));
  return attributes;
}

/** By the connection and by Host alone: what `Forwarded` says, any client may have made up. */
function describeConnection(
  attributes: Attributes,
  { headers, socket, httpVersion }: IncomingMessage,
) {
  const { address, port } = serverOf(headers.host ?? '');
  if (address !== '') attributes[ATTRIBUTES.serverAddress] = address;
  if (port > 0) attributes[ATTRIBUTES.serverPort] = port;
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress !== undefined) {
    attributes[ATTRIBUTES.clientAddress] = remoteAddress;
    attributes[ATTRIBUTES.peerAddress] = remoteAddress;
  }
  if (remotePort !== undefined) attributes[ATTRIBUTES.peerPort] = remotePort;
  attributes[ATTRIBUTES.protocolVersion] = httpVersion;
}

interface NamedServer {
  readonly address: string;
  /** 0 where it is the default one of the scheme. */
  readonly port: number;
}

/** Names under which the server was asked lately: mostly one, but clients choose them. */
const servers = new Map<string, NamedServer>();
const MAX_SERVERS = 100;

function serverOf(host: string): NamedServer {
  const known = servers.get(host);
  if (known) return known;
  const colon = /:\d{1,5}$/.exec(host);
  const server = {
    address: colon ? host.slice(0, colon.index) : host,
    port: colon ? Number(colon[0].slice(1)) : 0,
  };
  if (servers.size >= MAX_SERVERS) servers.clear();
  servers.set(host, server);
  return server;
}
