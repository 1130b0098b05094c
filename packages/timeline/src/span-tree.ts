/**
 * Spans by their parent, whatever a client sent.
 *
 * @module
 */
import type { Span } from './model.ts';

/** Spans within spans; a request over all services has about 20. */
const MAX_DEPTH = 100;

/**
 * The spans by their parent. Whatever a client sends has a place: a span below {@link MAX_DEPTH}
 * others stands at that depth, and the oldest of spans that are each other's parents is a root.
 */
export function makeTree(spans: readonly Span[]) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId }) => parentId ?? '');
  const placed = new Map<string, Span[]>();
  const seen = new Set<string>();
  const roots: Span[] = [];
  const place = (root: Span) => {
    roots.push(root);
    seen.add(root.spanId);
    const path = [{ span: root, depth: 0, holder: root.spanId }];
    for (let next = path.pop(); next; next = path.pop()) {
      const { span, depth, holder } = next;
      for (const child of children.get(span.spanId) ?? []) {
        if (seen.has(child.spanId)) continue;
        seen.add(child.spanId);
        const held = placed.get(holder);
        if (held) held.push(child);
        else placed.set(holder, [child]);
        const deep = depth + 1 >= MAX_DEPTH;
        path.push({ span: child, depth: depth + 1, holder: deep ? holder : child.spanId });
      }
    }
  };
  for (const span of spans) {
    if (span.parentId === undefined || !ids.has(span.parentId)) place(span);
  }
  for (const span of spans) if (!seen.has(span.spanId)) place(span);
  return { roots, children: placed };
}

/** Where a span stands. */
export interface Place {
  /** The span at the top, which may have a parent that no backend has. */
  readonly root: Span;
  /** The outermost SERVER span that it is, or happened in: what that asked of others is its work. */
  readonly server: Span | undefined;
}

/** The place of each span, by its id. */
export function placesOf(spans: readonly Span[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const { roots, children } = makeTree(spans);
  const pending = roots.map((span): { span: Span; above: Place } => ({
    span,
    above: { root: span, server: undefined },
  }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { span, above } = next;
    const server = above.server ?? (span.kind === 'server' ? span : undefined);
    const place = { root: above.root, server };
    places.set(span.spanId, place);
    for (const child of children.get(span.spanId) ?? [])
      pending.push({ span: child, above: place });
  }
  return places;
}
