import { KINDS, REJECTED, type RequestKind } from './kinds.ts';

/** The requests of a run, in the order they are sent. */
export interface Plan {
  /** Every kind evenly among the others, whatever their numbers. */
  readonly mixed: readonly RequestKind[];
  /** How many requests meet an open circuit. */
  readonly rejected: number;
}

/** Its multiples spread over the unit interval as evenly as any do. */
const GOLDEN_RATIO = 0.618;

/**
 * Splits a number of requests over the kinds by their shares; every kind gets at least one,
 * and the plain orders, the first kind, take what is left.
 */
export function makePlan(requests: number): Plan {
  const kinds = [...KINDS, REJECTED];
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  const count = ({ share }: RequestKind) => Math.max(1, Math.floor((requests * share) / total));
  const others = kinds.slice(1).reduce((sum, kind) => sum + count(kind), 0);
  const faulty = KINDS.filter(({ fault }) => fault).reduce((sum, kind) => sum + count(kind), 0);
  // Failing charges are tried twice; the circuit stays closed while most of its calls succeed.
  const orders = Math.max(requests - others, 3 * faulty);
  const placed = KINDS.flatMap((kind, k) => {
    const times = k === 0 ? orders : count(kind);
    return Array.from({ length: times }, (_, i) => ({
      kind,
      // Kinds with equal numbers would otherwise stand at equal places, all in one heap.
      place: (i + ((k * GOLDEN_RATIO) % 1)) / times,
    }));
  });
  return {
    mixed: placed.sort((a, b) => a.place - b.place).map(({ kind }) => kind),
    rejected: count(REJECTED),
  };
}
