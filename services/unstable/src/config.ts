/**
 * Configuration of the outside world.
 *
 * @module
 */
import { Config, type Random, seededRandom } from '@breakwater/service';

/** What `main.ts` needs to know. */
export interface UnstableConfig {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly controlToken: string;
  readonly random: Random;
}

/**
 * Reads `HOST`, `PORT` (8087), `DATABASE_URL`, `CONTROL_TOKEN` and `SEED`, which makes everything
 * that fails by chance repeatable.
 *
 * @throws {ConfigurationError} naming the variable that is missing or malformed.
 */
export function readConfig(env?: NodeJS.ProcessEnv): UnstableConfig {
  const config = new Config(env);
  const host = config.text('HOST', '127.0.0.1');
  const seed = config.integer('SEED', -1, 0, 0xffffffff);
  return {
    host,
    port: config.port('PORT', 8087),
    databaseUrl: config.text('DATABASE_URL'),
    controlToken: config.controlToken(host),
    random: seed < 0 ? Math.random : seededRandom(seed),
  };
}
