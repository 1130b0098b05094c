/**
 * Takes single protections away, to see what each of them is good for.
 *
 * @module
 */
import type { DependencyOptions } from '@breakwater/resilience';
import { Config } from './config.ts';

/** What can be taken away: a policy of a dependency, or the degraded modes of a service. */
const KINDS = ['breaker', 'bulkhead', 'budget', 'fallback', 'mode'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Names and kinds such as `provider.breaker`, `users.fallback`, `gateway.mode`. Experiments prove
 * with it that they fail without the protection that they are about.
 */
export class ProtectionsOff {
  readonly #off: ReadonlySet<string>;

  constructor(words: readonly string[] = []) {
    this.#off = new Set(words);
  }

  /**
   * Reads `PROTECTIONS_OFF`, with commas between.
   *
   * @throws {ConfigurationError} when a word of it is no such pair
   */
  static read(config: Config = new Config()): ProtectionsOff {
    const words = config.list('PROTECTIONS_OFF');
    const wrong = words.filter((word) => !KINDS.some((kind) => word.endsWith(`.${kind}`)));
    for (const word of wrong) {
      config.refuse(
        `PROTECTIONS_OFF=${word} is no name with ${KINDS.map((kind) => `.${kind}`).join(' or ')}`,
        undefined,
      );
    }
    return new ProtectionsOff(words);
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
