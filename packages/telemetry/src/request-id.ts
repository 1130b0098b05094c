/**
 * The id by which a client knows its request.
 *
 * @module
 */

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** A client's request id if it is one that a log and a header can carry. */
export function saneRequestId(sent: unknown): string | undefined {
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : undefined;
}
