/**
 * What a request's head must be, beyond what Node's parser sees to.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { type AppError, MalformedRequestError, MethodNotAllowedError } from '@breakwater/errors';
import { parseUrl } from './parse-url.ts';

/** What stands for the host of a request of HTTP/1.0, which need not name one. */
export const UNNAMED_HOST = 'localhost';

/**
 * What is wrong with a head that the parser let through; undefined when nothing is. RFC 9112:
 * one Host, and that of an absolute target (3.2); `chunked` as the only transfer coding, and not
 * with HTTP/1.0 (6.1). `OPTIONS *` is about no operation.
 */
export function headProblem(request: IncomingMessage): AppError | undefined {
  const { httpVersion, headers, url = '', method } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return new MalformedRequestError('The version of HTTP is neither 1.1 nor 1.0.');
  }
  const hosts = countHosts(request.rawHeaders);
  if (hosts > 1) return new MalformedRequestError('The request names more than one Host.');
  if (!headers.host && httpVersion === '1.1') {
    return new MalformedRequestError('The request names no Host.');
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersion === '1.0' || coding.toLowerCase() !== 'chunked')) {
    return new MalformedRequestError('The only transfer coding is chunked, of HTTP/1.1.');
  }
  if (url.startsWith('/')) return undefined;
  if (url === '*' && method === 'OPTIONS') {
    return new MethodNotAllowedError('The service as a whole has no options.');
  }
  const target = parseUrl(url);
  if (target && headers.host && target.host !== parseUrl(`http://${headers.host}`)?.host) {
    return new MalformedRequestError('The target and the Host of the request contradict.');
  }
  return undefined;
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts;
}
