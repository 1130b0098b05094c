/**
 * Configuration from the environment, checked at start-up.
 *
 * @module
 */

/** The environment does not configure the service. The message says which variable and how. */
export class ConfigurationError extends Error {
  override get name(): string {
    return 'ConfigurationError';
  }
}

/** Reads variables of one environment; every read that fails names its variable. */
export class Config {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
  }

  /** @throws {ConfigurationError} when it is unset and has no default. */
  text(name: string, fallback?: string): string {
    const value = this.#env[name] || fallback;
    if (value === undefined) throw new ConfigurationError(`set ${name}: it has no default`);
    return value;
  }

  /** @throws {ConfigurationError} when it is no integer between `min` and `max`. */
  integer(name: string, fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
    const raw = this.#env[name];
    if (raw === undefined || raw === '') return fallback;
    const value = Number(raw);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new ConfigurationError(`${name}=${raw} is no integer between ${min} and ${max}`);
    }
    return value;
  }

  /** A TCP port; 0 lets the system choose. */
  port(name: string, fallback: number): number {
    return this.integer(name, fallback, 0, 65_535);
  }

  /** A base URL without a trailing slash. @throws {ConfigurationError} when it is no http(s) URL. */
  url(name: string, fallback?: string): string {
    const raw = this.text(name, fallback);
    const url = URL.parse(raw);
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new ConfigurationError(`${name} is no http:// or https:// URL`);
    }
    return raw.replace(/\/+$/, '');
  }

  /**
   * A token that opens something. It defaults to `breakwater-dev` only while the service is bound to
   * loopback.
   *
   * @throws {ConfigurationError} when it is unset and `host` is reachable from elsewhere.
   */
  token(name: string, host: string): string {
    const token = this.#env[name];
    if (token) return token;
    if (isLoopback(host)) return 'breakwater-dev';
    throw new ConfigurationError(`set ${name}: it has no default while bound to ${host}`);
  }

  /** `CONTROL_TOKEN`, the {@link token} that control endpoints want. */
  controlToken(host: string): string {
    return this.token('CONTROL_TOKEN', host);
  }
}

/** Whether only this machine can reach a server bound to `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
