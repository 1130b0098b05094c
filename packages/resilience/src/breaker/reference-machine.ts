/**
 * The circuit breaker once more, written for the tests: one record, one function an event, and
 * nothing taken from the code under test.
 *
 * @module
 */

export interface ReferenceOptions {
  readonly failures: number;
  readonly openMs: number;
  readonly calls: number;
  readonly successes: number;
}

export type ReferenceState =
  | 'closed'
  | 'open'
  | 'open_over'
  | 'half_open'
  | 'half_open_full'
  | 'isolated'
  | 'isolated_over';

/** `given_up`: the caller ended the call, and that says nothing. */
export type ReferenceResult = 'good' | 'bad' | 'none' | 'given_up';

export class ReferenceMachine {
  readonly transitions: string[] = [];
  readonly #options: ReferenceOptions;
  #name: 'closed' | 'open' | 'half_open' | 'isolated' = 'closed';
  #until = 0;
  /** Counts changes of state: what belongs to an earlier one is late. */
  #era = 0;
  #streak = 0;
  #before = 0;
  #underWay = 0;
  #good = 0;
  #bad = 0;
  #more = 0;

  constructor(options: ReferenceOptions) {
    this.#options = options;
  }

  state(now: number): ReferenceState {
    if (this.#name === 'open') return now >= this.#until ? 'open_over' : 'open';
    if (this.#name === 'isolated') return now >= this.#until ? 'isolated_over' : 'isolated';
    if (this.#name === 'closed') return 'closed';
    return this.#isFull() ? 'half_open_full' : 'half_open';
  }

  /** What an outsider is shown. */
  shown(now: number): { state: string; failures: number; retryAfterMs: number } {
    const waits = this.#name === 'open' || this.#name === 'isolated';
    const over = waits && now >= this.#until;
    const failures = this.#name === 'closed' ? this.#streak : this.#before + this.#bad;
    const retryAfterMs = waits ? Math.max(0, this.#until - now) : 0;
    return { state: over ? 'half_open' : this.#name, failures, retryAfterMs };
  }

  /** The era a call is let into, or undefined when it is refused. */
  call(now: number): number | undefined {
    if ((this.#name === 'open' || this.#name === 'isolated') && now >= this.#until) {
      this.#become('half_open');
    }
    if (this.#name === 'closed') return this.#era;
    if (this.#name !== 'half_open') return undefined;
    if (this.#isFull()) return undefined;
    this.#underWay++;
    return this.#era;
  }

  isLate(era: number): boolean {
    return era !== this.#era;
  }

  result(era: number, result: ReferenceResult, now: number): void {
    if (this.isLate(era)) return;
    if (this.#name === 'closed') {
      if (result === 'good') this.#streak = 0;
      if (result === 'bad' && ++this.#streak >= this.#options.failures) this.#open(now);
      return;
    }
    this.#underWay--;
    if (result === 'given_up') this.#more++;
    const { calls, successes } = this.#options;
    if (result === 'good' && ++this.#good >= successes) this.#become('closed');
    if (result === 'bad' && ++this.#bad > calls - successes) this.#open(now);
  }

  isolate(now: number, forMs: number): void {
    this.#until = now + forMs;
    if (this.#name !== 'isolated') this.#become('isolated');
  }

  release(): void {
    if (this.#name === 'isolated') this.#become('half_open');
  }

  #isFull(): boolean {
    return this.#underWay + this.#good + this.#bad >= this.#options.calls + this.#more;
  }

  #open(now: number): void {
    this.#until = now + this.#options.openMs;
    this.#become('open');
  }

  #become(next: 'closed' | 'open' | 'half_open' | 'isolated'): void {
    this.transitions.push(`${this.#name}>${next}`);
    this.#before = next === 'closed' ? 0 : this.#before + this.#streak + this.#bad;
    this.#streak = 0;
    this.#underWay = 0;
    this.#good = 0;
    this.#bad = 0;
    this.#more = 0;
    this.#name = next;
    this.#era++;
  }
}
