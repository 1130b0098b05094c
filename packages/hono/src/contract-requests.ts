/**
 * Counts who uses which version of a contract, so that one sees who would be missed by its end.
 *
 * @module
 */
import { CounterFamily, type MetricsRegistry } from '@breakwater/telemetry';
import type { MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { METRICS } from './names.ts';

/** Whose requests are counted by name. */
export interface ContractRequestsOptions {
  /** The name of the contract, as `parts`. */
  readonly contract: string;
  /** Those that ask, by the product in their `User-Agent`; all others are counted as `other`. */
  readonly consumers: readonly string[];
  readonly registry: Registry | MetricsRegistry;
}

/** Everybody who is not named. */
const OTHER = 'other';

/** Counts the requests of each version of one contract by consumer. */
export class ContractRequests {
  readonly #contract: string;
  readonly #consumers: ReadonlySet<string>;
  readonly #family: CounterFamily;

  /** One for each contract of a process; those of one registry share their metric. */
  constructor({ contract, consumers, registry }: ContractRequestsOptions) {
    this.#contract = contract;
    this.#consumers = new Set(consumers);
    let family = families.get(registry);
    if (!family) {
      family = new CounterFamily(
        registry as MetricsRegistry,
        METRICS.contractRequests,
        'Requests by contract, its version, and who asked.',
        ['contract', 'version', 'consumer'],
      );
      families.set(registry, family);
    }
    this.#family = family;
  }

  /**
   * Create the series of a version at 0: that nobody asks is then a fact and not a gap.
   *
   * @param version of the contract, as `v1`
   */
  declare(version: string): void {
    for (const consumer of [...this.#consumers, OTHER]) this.#series(version, consumer);
  }

  /**
   * Count a request.
   *
   * @param userAgent of RFC 9110, section 10.1.5, whose first product says who asks
   */
  count(version: string, userAgent: string | undefined): void {
    const product = PRODUCT.exec(userAgent ?? '')?.[0] ?? '';
    this.#series(version, this.#consumers.has(product) ? product : OTHER).addWithExemplar();
  }

  /**
   * A middleware for the routes of one version.
   *
   * @example
   * app.use('/v1/*', requests.of('v1'));
   */
  of(version: string): MiddlewareHandler {
    this.declare(version);
    return (c, next) => {
      this.count(version, c.req.header('user-agent'));
      return next();
    };
  }

  #series(version: string, consumer: string) {
    return this.#family.series({ contract: this.#contract, version, consumer });
  }
}

const families = new WeakMap<object, CounterFamily>();

/** A token (RFC 9110, section 5.6.2), of which a product's name is made. */
const PRODUCT = /^[\w!#$%&'*+.^`|~-]+/;
