import { StackError } from './errors.ts';

/** Values of variables by name, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A default may refer to variables itself, which may not go deeper. */
const REFERENCE = /\$(?:\$|\{([A-Za-z_]\w*)(?::-((?:[^{}$]|\$\{[^{}]*\})*))?\}|)/g;

/**
 * Replaces `${NAME}`, `${NAME:-default}`, `${NAME:-${OTHER:-default}}` and `$$` in one string, as
 * Docker Compose does.
 *
 * @throws StackError for any other use of `$`, and for `${NAME}` without a value: a forgotten
 *   variable must not silently become an empty string.
 */
export function interpolate(text: string, variables: Variables): string {
  return text.replace(REFERENCE, (reference, name?: string, fallback?: string) => {
    if (reference === '$$') return '$';
    if (!name) throw new StackError(`"${text}" uses "$" in a way that is not understood`);
    const value = variables[name] || (fallback && interpolate(fallback, variables));
    if (value === undefined) throw new StackError(`"${text}" needs the variable ${name}`);
    return value;
  });
}

/** Interpolates every string inside a parsed YAML value; keys stay as they are. */
export function interpolateAll(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return interpolate(value, variables);
  if (Array.isArray(value)) return value.map((item) => interpolateAll(item, variables));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolateAll(item, variables)]),
  );
}

/** The names of all variables that a text refers to. */
export function referencedVariables(text: string): Set<string> {
  return new Set(
    [...text.matchAll(REFERENCE)].flatMap(([, name, fallback = '']) =>
      name ? [name, ...referencedVariables(fallback)] : [],
    ),
  );
}
