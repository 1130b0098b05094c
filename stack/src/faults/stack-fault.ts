/**
 * Faults that the stack itself holds: of its processes, and of the network between them.
 *
 * @module
 */

/** Done to a process: frozen, stopped, or ended as a crash would. */
export const PROCESS_FAULTS = ['pause', 'stop', 'kill'] as const;
/** Done to what passes a proxy: late, cut off, never answered, refused. */
export const NETWORK_FAULTS = ['latency', 'reset', 'timeout', 'down'] as const;

/** What is asked for. */
export interface StackFaultRequest {
  readonly kind: (typeof PROCESS_FAULTS)[number] | (typeof NETWORK_FAULTS)[number];
  /** Name of the process, or of the proxy. */
  readonly target: string;
  /** Seconds until it ends by itself. */
  readonly for_s: number;
  /** Of `latency` only. */
  readonly latency_ms?: number;
}

/** A fault while it lasts. */
export interface StackFault {
  readonly id: string;
  readonly kind: StackFaultRequest['kind'];
  readonly target: string;
  /** ISO 8601. */
  readonly expires_at: string;
  /** Whether it is seen to be there, and how. */
  readonly landed: boolean;
  readonly proof: string;
}

/** Longest lease, in seconds. */
const LONGEST_LEASE_S = 3_600;

/** Whether these are seconds that a lease may last. */
export function isLease(seconds: unknown): seconds is number {
  return Number.isInteger(seconds) && Number(seconds) >= 1 && Number(seconds) <= LONGEST_LEASE_S;
}

/** What is wrong with a request; undefined when nothing is. */
export function problemOf(request: Partial<StackFaultRequest>): string | undefined {
  const { kind, target, for_s, latency_ms } = request;
  const kinds: readonly unknown[] = [...PROCESS_FAULTS, ...NETWORK_FAULTS];
  if (!kinds.includes(kind)) return `"kind" is one of ${kinds.join(', ')}`;
  if (typeof target !== 'string' || target === '') return '"target" names a process or a proxy';
  if (!isLease(for_s)) return `"for_s" is a number of seconds from 1 to ${LONGEST_LEASE_S}`;
  const needsLatency = kind === 'latency';
  const hasLatency = Number.isInteger(latency_ms) && Number(latency_ms) >= 1;
  if (needsLatency && !hasLatency) return '"latency_ms" is a number of milliseconds from 1';
  return undefined;
}
