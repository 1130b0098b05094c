/**
 * Configuration from the environment, checked at start-up.
 *
 * @module
 */
import { DEVELOPMENT_TOKEN, isLoopback } from '@breakwater/hono/loopback';

/** The environment does not configure the process. One sentence for each variable says how. */
export class ConfigurationError extends Error {
  /** One sentence for each mistake, in the order of the reads. */
  readonly problems: readonly string[];

  constructor(...problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }

  override get name(): string {
    return 'ConfigurationError';
  }
}

/** What was asked of a variable; `docs/configuration.md` says the same. */
export interface ConfigRead {
  readonly name: string;
  /** What an unset variable stands for; undefined where it must be set, or where unset means unset. */
  readonly fallback?: string;
  /** What is allowed, in the words of the refusal; undefined for any text. */
  readonly allowed?: string;
}

const DIGITS = /^-?\d+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
/** What an `Authorization` header can carry: visible ASCII. RFC 9110, section 5.5. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;
/** An address or a name; a URL, a port or a blank in it is a mistake. */
const HOST = /^[\w.:%-]+$/;

/**
 * Reads variables of one environment. An empty one counts as unset. A value that is refused is
 * repeated in the sentence unless it may be a secret.
 *
 * @example
 * const { port } = Config.read(process.env, (config) => ({ port: config.port('PORT', 8080) }));
 */
export class Config {
  readonly #env: NodeJS.ProcessEnv;
  readonly #problems: string[] | undefined;
  /** Every read so far, in its order. */
  readonly reads: ConfigRead[] = [];

  constructor(env: NodeJS.ProcessEnv = process.env, problems?: string[]) {
    this.#env = env;
    this.#problems = problems;
  }

  /**
   * Reads everything and tells every mistake at once; the result is used only when there is none.
   *
   * @throws {ConfigurationError} with all problems
   */
  static read<T>(env: NodeJS.ProcessEnv, read: (config: Config) => T): T {
    const problems: string[] = [];
    let value: T | undefined;
    try {
      value = read(new Config(env, problems));
    } catch (error) {
      if (error instanceof ConfigurationError) problems.push(...error.problems);
      // What stands in for a refused value may be refused by the reader in turn.
      else if (problems.length === 0) throw error;
    }
    if (problems.length > 0) throw new ConfigurationError(...problems);
    return value as T;
  }

  /** @throws {ConfigurationError} when it is unset and has no default. */
  text(name: string, fallback?: string): string {
    return this.#value(name, fallback) ?? this.#unset(name);
  }

  /** A text that may be missing. */
  optional(name: string): string | undefined {
    this.reads.push({ name });
    return this.#env[name] || undefined;
  }

  /** Texts with commas between; blanks around them do not count. Default: none. */
  list(name: string): readonly string[] {
    const text = this.#value(name, undefined, 'a list with commas between') ?? '';
    return text.split(',').flatMap((word) => word.trim() || []);
  }

  /** @throws {ConfigurationError} when it is none of `choices`. */
  oneOf<Choice extends string>(
    name: string,
    choices: readonly Choice[],
    fallback: NoInfer<Choice>,
  ): Choice {
    const allowed = choices.join(' or ');
    const value = this.#value(name, fallback, allowed);
    const found = choices.find((choice) => choice === value);
    return found ?? this.refuse(`${name}=${value} is not ${allowed}`, fallback);
  }

  /** `on` or `off`. @throws {ConfigurationError} when it is neither. */
  switch(name: string, fallback: 'on' | 'off'): boolean {
    return this.oneOf(name, ['on', 'off'], fallback) === 'on';
  }

  /** @throws {ConfigurationError} when it is no integer between `min` and `max`, in digits. */
  integer(name: string, fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    const raw = this.#value(name, String(fallback), `an integer ${range}`);
    const value = DIGITS.test(raw) ? Number(raw) : Number.NaN;
    if (value >= min && value <= max) return value;
    return this.refuse(`${name}=${raw} is no integer ${range}`, fallback);
  }

  /** @throws {ConfigurationError} when it is no number between `min` and `max`, as 0.5. */
  number(name: string, fallback: number, min: number, max: number): number {
    const allowed = `number from ${min} to ${max}`;
    const raw = this.#value(name, String(fallback), `a ${allowed}`);
    const value = DECIMAL.test(raw) ? Number(raw) : Number.NaN;
    if (value >= min && value <= max) return value;
    return this.refuse(`${name}=${raw} is no ${allowed}`, fallback);
  }

  /** A TCP port; 0 lets the system choose. */
  port(name: string, fallback: number): number {
    return this.integer(name, fallback, 0, 65_535);
  }

  /** An address to bind to, or the name of one. */
  host(name: string, fallback: string): string {
    const value = this.#value(name, fallback, 'an address or a host name');
    if (HOST.test(value)) return value;
    return this.refuse(`${name}=${value} is no address and no host name`, fallback);
  }

  /** A base URL without a trailing slash. @throws {ConfigurationError} when it is no http(s) URL. */
  url(name: string, fallback?: string): string {
    const raw = this.#value(name, fallback, 'an http:// or https:// URL');
    if (raw === undefined) return this.#unset(name);
    if (/^https?:$/.test(URL.parse(raw)?.protocol ?? '')) return raw.replace(/\/+$/, '');
    return this.refuse(`${name} is no http:// or https:// URL`, raw);
  }

  /**
   * `DATABASE_URL`, as `postgres://role@host:port/database`, with `DATABASE_PASSWORD` put into it
   * where that is set: any character may stand there, while in a URL most must be escaped.
   *
   * @throws {ConfigurationError} when it is no such URL; its value is not repeated
   */
  databaseUrl(): string {
    const raw = this.#value('DATABASE_URL', undefined, 'postgres://role@host:port/database');
    const password = this.optional('DATABASE_PASSWORD');
    if (raw === undefined) return this.#unset('DATABASE_URL');
    const url = URL.parse(raw);
    if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
      const advice =
        password === undefined ? '; a password with signs goes to DATABASE_PASSWORD' : '';
      return this.refuse(
        `DATABASE_URL is not as postgres://role@host:port/database${advice}`,
        'postgres://nowhere/none',
      );
    }
    if (password !== undefined) url.password = encodeURIComponent(password);
    return url.href;
  }

  /**
   * A token that opens something. It defaults to `breakwater-dev` only while the service is bound to
   * loopback.
   *
   * @throws {ConfigurationError} when it is unset and `host` is reachable from elsewhere, or when no
   *   header could carry it
   */
  token(name: string, host: string): string {
    const token = this.secret(name);
    this.reads.push({ name, fallback: DEVELOPMENT_TOKEN });
    if (token !== undefined) return token;
    if (isLoopback(host)) return DEVELOPMENT_TOKEN;
    return this.refuse(`set ${name}: it has no default while bound to ${host}`, '');
  }

  /** `CONTROL_TOKEN`, the {@link token} that what steers a service wants, on `OPERATIONS_HOST`. */
  controlToken(): string {
    return this.token('CONTROL_TOKEN', this.operationsHost());
  }

  /** `OPERATIONS_HOST`, the address the operational listener is bound to. Default: 127.0.0.1. */
  operationsHost(): string {
    return this.host('OPERATIONS_HOST', '127.0.0.1');
  }

  /**
   * `OPERATIONS_PORT`, where the operational listener is. Default: 10000 above the public port; one
   * the system chooses where it chooses that too.
   *
   * @throws {ConfigurationError} when that is no port, or the public one
   */
  operationsPort(port: number): number {
    const usual = port === 0 ? 0 : port + 10_000;
    const chosen = this.port('OPERATIONS_PORT', Math.min(usual, 65_535));
    if (chosen === 65_535 && usual > chosen) {
      return this.refuse(`set OPERATIONS_PORT: 10000 above PORT=${port} is no port`, 0);
    }
    if (chosen !== 0 && chosen === port) {
      return this.refuse(`OPERATIONS_PORT=${port} is PORT too`, 0);
    }
    return chosen;
  }

  /** A token that may be missing. @throws {ConfigurationError} when no header could carry it. */
  secret(name: string): string | undefined {
    const token = this.#value(name, undefined, 'visible ASCII');
    if (token === undefined || HEADER_TEXT.test(token)) return token;
    return this.refuse(`${name} has a blank or a sign that is not ASCII: no header carries it`, '');
  }

  /**
   * Refuses the environment for a reason of the caller's own, as every read here does.
   *
   * @returns `instead`, for the rest of the reads, while problems are collected
   * @throws {ConfigurationError} otherwise
   */
  refuse<T>(problem: string, instead: T): T {
    if (!this.#problems) throw new ConfigurationError(problem);
    if (!this.#problems.includes(problem)) this.#problems.push(problem);
    return instead;
  }

  #value(name: string, fallback: string, allowed?: string): string;
  #value(name: string, fallback?: string, allowed?: string): string | undefined;
  #value(name: string, fallback?: string, allowed?: string): string | undefined {
    this.reads.push({
      name,
      ...(fallback === undefined ? {} : { fallback }),
      ...(allowed === undefined ? {} : { allowed }),
    });
    return this.#env[name] || fallback;
  }

  #unset(name: string): string {
    return this.refuse(`set ${name}: it has no default`, '');
  }
}
