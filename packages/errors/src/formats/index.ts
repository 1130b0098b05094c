/**
 * The four wire formats of the error contract.
 *
 * @module
 */
import { type FormatName, statusOf } from '../kind.ts';
import { redact } from '../redact.ts';
import { coded } from './coded.ts';
import { envelope } from './envelope.ts';
import type { ErrorFormat, Failure } from './failure.ts';
import { problem } from './problem.ts';
import { universal } from './universal.ts';

export type { ErrorFields, ErrorFormat, Failure } from './failure.ts';

/** Every format by its name. */
export const formats: Readonly<Record<FormatName, ErrorFormat>> = {
  universal,
  problem,
  coded,
  envelope,
};

/** A failure on the wire. */
export interface RenderedError {
  readonly status: number;
  /** `Content-Type`, and what the kind of error asks for: `Retry-After`, `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How long a client waits before it retries when the error does not say: 1 second. */
export const DEFAULT_RETRY_AFTER_S = 1;

const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);

/**
 * Renders a failure in a format. Secrets in the context are redacted; cause, stack and internal
 * details have no way into the body.
 */
export function renderError(format: FormatName, failure: Failure): RenderedError {
  const { error } = failure;
  const status = statusOf(error.kind, format);
  const headers: Record<string, string> = { 'content-type': formats[format].mediaType };
  if (RETRYABLE_STATUS.has(status)) {
    const wantedS = error.retryAfterS ?? DEFAULT_RETRY_AFTER_S;
    headers['retry-after'] = String(Math.max(1, Math.ceil(wantedS)));
  }
  if (status === 401) headers['www-authenticate'] = String(error.internal.challenge ?? 'Bearer');
  const body = formats[format].render(failure, status, redact(error.context));
  return { status, headers, body: JSON.stringify(body) };
}

/**
 * The format for a request: `problem` for a client whose `Accept` names `application/problem+json`
 * with a weight other than 0, else the service's own.
 */
export function negotiateFormat(accept: string | null | undefined, own: FormatName): FormatName {
  const wanted = accept?.split(',').some((range) => {
    const [mediaType = '', ...parameters] = range.toLowerCase().split(';');
    const refused = parameters.some((parameter) => /^\s*q\s*=\s*0(?:\.0*)?\s*$/.test(parameter));
    return mediaType.trim() === problem.mediaType && !refused;
  });
  return wanted ? 'problem' : own;
}
