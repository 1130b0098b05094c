/**
 * Takes single protections away, to see what each of them is good for.
 *
 * @module
 */
import type { DependencyOptions } from '@breakwater/resilience';
import { ConfigurationError } from './config.ts';

/** What can be taken away: a policy of a dependency, or the degraded mode of a service. */
const KINDS = ['breaker', 'bulkhead', 'budget', 'fallback', 'mode'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Reads `PROTECTIONS_OFF`: names and kinds such as `provider.breaker,users.fallback,gateway.mode`.
 * Experiments prove with it that they fail without the protection that they are about.
 *
 * @throws {ConfigurationError} when a word of it is no such pair
 */
export class ProtectionsOff {
  readonly #off: ReadonlySet<string>;

  constructor(text = process.env.PROTECTIONS_OFF ?? '') {
    const words = text.split(',').filter(Boolean);
    const wrong = words.find((word) => !KINDS.some((kind) => word.endsWith(`.${kind}`)));
    if (wrong !== undefined) {
      throw new ConfigurationError(
        `PROTECTIONS_OFF: "${wrong}" is no name with one of ${KINDS.map((k) => `.${k}`).join(', ')}`,
      );
    }
    this.#off = new Set(words);
  }

  /** Every protection that is off. */
  get words(): readonly string[] {
    return [...this.#off];
  }

  has(name: string, kind: Kind): boolean {
    return this.#off.has(`${name}.${kind}`);
  }

  /** The policy of a dependency without what is taken away. */
  apply(name: string, policy: DependencyOptions): DependencyOptions {
    const { retry } = policy;
    return {
      ...policy,
      ...(this.has(name, 'breaker') ? { breaker: false } : {}),
      ...(this.has(name, 'bulkhead') ? { bulkhead: false } : {}),
      ...(this.has(name, 'budget') && retry !== false
        ? { retry: { ...retry, budget: false } }
        : {}),
    };
  }
}
