/**
 * Requests that come every few seconds and would drown the traces people look for.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { isOperational } from '@breakwater/telemetry/core';

/** Everywhere: whether a process lives, and spans on their way to somebody who keeps them. */
const ANYWHERE = ['/healthz', '/v1/traces', '/v1/logs'];
/** Where operators ask; somebody who asks for them in public is refused, and that is traced. */
const OF_OPERATORS = ['/metrics', '/readyz'];

/** Whether a request gets no span. Asked for each, so that it makes no string of its own. */
export function isUntraced({ url = '', socket }: IncomingMessage): boolean {
  if (isOneOf(ANYWHERE, url)) return true;
  // Node's own link from a connection to its server; there is no public one.
  const { server } = socket as { server?: object };
  return isOneOf(OF_OPERATORS, url) && isOperational(server);
}

function isOneOf(paths: readonly string[], url: string): boolean {
  return paths.some(
    (path) => url.startsWith(path) && (url.length === path.length || url[path.length] === '?'),
  );
}
