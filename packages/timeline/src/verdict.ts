/**
 * Whether the requests of a trace failed, said only as far as it is known.
 *
 * @module
 */
import type { TracedRequest } from './traced-requests.ts';

/** How a trace ended for whoever began it. */
export interface Verdict {
  readonly outcome: 'failed' | 'succeeded' | 'unknown';
  /** Why it is not known, as one sentence; empty when it is. */
  readonly why: string;
}

/** `succeeded` wants a witness for each request, and that none outside of it may be missing. */
export function judge(requests: readonly TracedRequest[]): Verdict {
  const unknown = (why: string): Verdict => ({ outcome: 'unknown', why });
  const [counted, seen] = split(requests);
  if (seen.some(({ outcome }) => outcome === 'failed')) return { outcome: 'failed', why: '' };
  if (counted.some(({ service }) => isAlone(service, seen))) return { outcome: 'failed', why: '' };
  const [inside] = counted;
  if (inside) {
    const code = inside.errorCode ?? `a status of ${inside.status}`;
    return unknown(
      `${inside.service} counted ${code} in this trace, and no span and no line tells whether the client saw it.`,
    );
  }
  if (seen.length === 0) return unknown('No response of any service is known.');
  const open = seen.find(({ outcome }) => outcome === 'unknown');
  if (open) return unknown(`Nothing tells how ${open.service} responded.`);
  const doubtful = seen.find(({ outermost }) => !outermost);
  if (doubtful) {
    return unknown(
      `${doubtful.service} responded ${doubtful.status}, but whether a service outside of it failed is not known.`,
    );
  }
  return { outcome: 'succeeded', why: '' };
}

/** Those that only a metric tells of, and the others. */
function split(requests: readonly TracedRequest[]) {
  const onlyCounted = ({ saidBy, spanId }: TracedRequest) =>
    spanId === undefined && saidBy.length === 1 && saidBy[0] === 'metric';
  return [requests.filter(onlyCounted), requests.filter((each) => !onlyCounted(each))] as const;
}

/** A failure of a service beside whose requests of this trace it can only be one more of them. */
function isAlone(service: string, seen: readonly TracedRequest[]): boolean {
  return seen.length === 0 || seen.some((request) => request.service === service);
}
