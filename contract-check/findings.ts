/**
 * What the check found: the rule that a change breaks, where, and what to do in its place.
 *
 * @module
 */

/** The kinds of contract that are checked. */
export type ContractKind = 'proto' | 'openapi' | 'json-schema' | 'errors' | 'golden' | 'consumer';

/** One incompatible change. */
export interface Finding {
  readonly kind: ContractKind;
  /** The rule's name, as `required-added`. */
  readonly rule: string;
  /** The file that holds the promise, from the root of the repository. */
  readonly file: string;
  /** Where in it: a JSON pointer (RFC 6901); in a `.proto` file, the line. */
  readonly pointer: string;
  /** What changed. */
  readonly message: string;
  /** What to do in its place. */
  readonly advice: string;
  /** Whom the change breaks, where a consumer has said what it needs. */
  readonly consumer?: string;
}

/** What to do in place of what the rules refuse. */
export const ADVICE = {
  newField:
    'Add the new field beside the old one, optional, and fill both until nobody reads the old one.',
  newVersion:
    'Add a new version beside the old (a v2 module, path or package), and give the old one a Deprecation and a Sunset.',
  optional: 'Make it optional, or give it a default: those of today do not send it.',
  keepCode:
    'Keep the code at its status. For another meaning add another code, and let a new version respond with that.',
  keepOperation:
    'Keep the operation beside the new one, deprecated, until its Sunset is over and nobody is counted on it.',
  tellConsumer:
    'Agree with the consumer, change its statement and release it before the provider changes.',
} as const;

/** A JSON pointer of these steps (RFC 6901). */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** A finding as people read it. */
export function describeFinding(finding: Finding): string {
  const { kind, rule, file, pointer: at, message, advice, consumer } = finding;
  const whom = consumer === undefined ? '' : ` (breaks ${consumer})`;
  return `${kind} ${rule}${whom}: ${message}\n  at ${file}#${at}\n  ${advice}`;
}
