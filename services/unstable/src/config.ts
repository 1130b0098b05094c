/**
 * Configuration of the outside world.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';
import { type Random, seededRandom } from '@breakwater/resilience';

/** What `main.ts` needs to know. */
export interface UnstableConfig {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly controlToken: string;
  readonly random: Random;
}

/**
 * Reads what every service has (`PORT`: 8087), `DATABASE_URL`, `DATABASE_PASSWORD` and `SEED`,
 * which makes everything that fails by chance repeatable; -1 leaves it to chance.
 *
 * @throws {ConfigurationError} naming the variable that is missing or malformed.
 */
export function readConfig(config: Config): UnstableConfig {
  const listen = serviceConfig(config, 8087);
  const seed = config.integer('SEED', -1, -1, 0xffffffff);
  return {
    ...listen,
    databaseUrl: config.databaseUrl(),
    controlToken: config.controlToken(),
    random: seed < 0 ? Math.random : seededRandom(seed),
  };
}
