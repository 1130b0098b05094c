/**
 * Watches a fleet: every failed answer is checked against the contract and against the log of the
 * service that gave it, and it is remembered which codes were reached, and how.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { decodeErrorBody, type FormatName } from '@breakwater/errors';
import { type Answer, eventually, type RequestOptions } from '@breakwater/testing';
import type { Fleet } from './fleet.ts';
import { INTERNALS } from './internals.ts';
import { sendRaw } from './raw-http.ts';

/** The format of those who ask for none; every other service is `universal`. */
const OWN_FORMAT: Readonly<Record<string, FormatName>> = { users: 'envelope' };

const UNIVERSAL = ['context', 'error_code', 'message', 'service_name', 'status_code', 'trace_id'];

/** One failed answer, to be found in a log. */
interface Failed {
  readonly service: string;
  readonly traceId: string;
  readonly code: string;
  readonly step: string;
}

/** Remembers what it sees. */
export class Witness {
  readonly #fleet: Fleet;
  readonly #failed: Failed[] = [];
  /** By service and code: the step that reached it first. */
  readonly reached = new Map<string, Map<string, string>>();
  #step = '';
  readonly #read = new Map<string, number>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** Everything that happens in `work` is reached by this step. */
  async step(name: string, work: () => Promise<void>): Promise<void> {
    this.#step = name;
    await work();
    await this.#readLogs();
  }

  /** Sends a request and checks a failed answer. */
  async ask(
    service: string,
    method: string,
    path: string,
    options?: RequestOptions,
  ): Promise<Answer> {
    const answer = await this.#fleet.ask(service)(method, path, options);
    if (answer.status >= 400) this.#check(service, answer, options?.headers?.accept);
    return answer;
  }

  /** {@link ask} at the operational listener. */
  async operate(
    service: string,
    method: string,
    path: string,
    options?: RequestOptions,
  ): Promise<Answer> {
    const answer = await this.#fleet.operate(service)(method, path, options);
    if (answer.status >= 400) this.#check(service, answer, options?.headers?.accept);
    return answer;
  }

  /** Sends bytes to one of a service's listeners and checks a failed answer. */
  async raw(
    service: string,
    bytes: string | Buffer,
    url = this.#fleet.service(service).url,
  ): Promise<Answer> {
    const { status, headers, text } = await sendRaw(url, bytes);
    const answer = { status, headers, body: text === '' ? undefined : JSON.parse(text) };
    if (status >= 400) this.#check(service, answer);
    return answer;
  }

  /** Waits until a service has logged this code in the step at hand. */
  async logged(service: string, code: string): Promise<void> {
    await eventually(async () => {
      await this.#readLogs();
      assert.ok(this.reached.get(service)?.has(code), `${service} has not logged ${code}`);
    });
  }

  /**
   * Checks that every failed answer has exactly one error line, in the log of the service that gave
   * it; tells how many there were.
   */
  async checkLines(): Promise<number> {
    for (const { service, traceId, code, step } of this.#failed) {
      await eventually(async () => {
        const lines = this.#fleet
          .lines(service)
          .filter((line) => line.trace_id === traceId && line.error_code !== undefined);
        const codes = lines.map((line) => line.error_code);
        assert.deepEqual(codes, [code], `${service}, ${step}, trace ${traceId}`);
      });
    }
    return this.#failed.length;
  }

  /** Lines that say that an operation answered what it does not declare. */
  undeclared(): string[] {
    return [...this.#fleet.services.keys()].flatMap((name) =>
      this.#fleet
        .lines(name)
        .filter((line) => line.error_undeclared)
        .map((line) => `${name} ${line['http.route']} ${line.error_code}`),
    );
  }

  #check(service: string, { status, headers, body }: Answer, accept?: string): void {
    const text = JSON.stringify(body);
    assert.doesNotMatch(text, INTERNALS, `${service}, ${this.#step}`);
    const traceId = headers.get('x-trace-id') ?? '';
    assert.match(traceId, /^[0-9a-f]{32}$/, `${service}, ${this.#step}`);
    assert.ok(headers.get('x-request-id'));
    assert.match(headers.get('server-timing') ?? '', new RegExp(`-${traceId}-`));
    const retryable = [429, 502, 503, 504].includes(status);
    assert.equal(headers.has('retry-after'), retryable, `${service}, ${this.#step}: Retry-After`);
    assert.equal(headers.has('www-authenticate'), status === 401);

    const format = accept?.includes('problem') ? 'problem' : (OWN_FORMAT[service] ?? 'universal');
    if (format === 'universal') {
      assert.deepEqual(Object.keys(body).sort(), UNIVERSAL, `${service}, ${this.#step}`);
      assert.equal(body.status_code, status);
      assert.equal(body.service_name, service);
      assert.equal(body.trace_id, traceId);
    } else if (format === 'envelope') {
      assert.deepEqual(Object.keys(body), ['error']);
    }
    const error = decodeErrorBody(status, headers, text);
    assert.ok(error, `${service}, ${this.#step}: ${text}`);
    this.#failed.push({ service, traceId, code: error.code, step: this.#step });
  }

  async #readLogs(): Promise<void> {
    // Whatever a process has written is here once it has answered something written after it.
    await Promise.all(
      [...this.#fleet.services.keys()].map((name) =>
        this.#fleet
          .ask(name)('GET', '/healthz')
          .catch(() => undefined),
      ),
    );
    for (const name of this.#fleet.services.keys()) {
      const codes = this.reached.get(name) ?? new Map<string, string>();
      this.reached.set(name, codes);
      const lines = this.#fleet.lines(name);
      for (const line of lines.slice(this.#read.get(name) ?? 0)) {
        const code = line.error_code;
        if (typeof code === 'string' && !codes.has(code)) codes.set(code, this.#step);
      }
      this.#read.set(name, lines.length);
    }
  }
}
