/**
 * What a backend had to say when it was asked: something, nothing, a part, or no word.
 *
 * @module
 */
import type { Findings } from './sources.ts';

/**
 * - `found`: it responded, with something, and nothing is known to be missing.
 * - `nothing`: it responded, and has nothing, or nothing yet.
 * - `incomplete`: it responded, and `why` says that it may lack something.
 * - `failed`: `why` says why it told nothing. What only it knows is not known.
 */
export interface Evidence {
  readonly state: 'found' | 'nothing' | 'incomplete' | 'failed';
  readonly why?: string;
}

/** Of each kind of telemetry, what its backend had to say. */
export interface TimelineEvidence {
  readonly spans: Evidence;
  readonly lines: Evidence;
  readonly metrics: Evidence;
}

/** What was found, and what that is worth. */
export interface Gathered<T> {
  readonly found: readonly T[];
  readonly evidence: Evidence;
}

/** Whether all that a backend has was read. */
export function isComplete({ state }: Evidence): boolean {
  return state === 'found' || state === 'nothing';
}

/**
 * Asks a source; never rejects.
 *
 * @param patienceMs longest wait, in milliseconds: a source that hangs is one that failed
 */
export async function gather<T>(
  what: string,
  read: () => Promise<Findings<T>>,
  patienceMs: number,
): Promise<Gathered<T>> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${what} did not come within ${patienceMs / 1000} s`)),
    patienceMs,
  );
  try {
    const { found, incomplete } = await Promise.race([read(), late.promise]);
    if (incomplete !== undefined) {
      return { found, evidence: { state: 'incomplete', why: incomplete } };
    }
    return { found, evidence: { state: found.length > 0 ? 'found' : 'nothing' } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { found: [], evidence: { state: 'failed', why: `${why}.` } };
  } finally {
    clearTimeout(timer);
  }
}

const WORST_FIRST = ['failed', 'incomplete', 'found', 'nothing'] as const;

/** What several questions to one backend come to. */
export function together(...all: readonly Evidence[]): Evidence {
  const state = WORST_FIRST.find((each) => all.some((evidence) => evidence.state === each));
  const whys = new Set(all.flatMap(({ why }) => why ?? []));
  const evidence = { state: state ?? 'nothing' };
  return whys.size === 0 ? evidence : { ...evidence, why: [...whys].join(' ') };
}
