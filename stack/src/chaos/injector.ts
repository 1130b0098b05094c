import type { Injection } from '@breakwater/console/experiments';
import type { Answer } from './answers.ts';
import type { Action } from './experiment.ts';
import type { Holder, Holders } from './holders.ts';
import type { Places } from './places.ts';
import type { UndoJournal } from './undo-journal.ts';

/** What a fault lasts when nobody renews it, and how often it is renewed. */
const LEASE_S = 30;
const RENEW_EVERY_MS = 8_000;

interface Active {
  readonly action: Action;
  readonly holder: Holder | undefined;
  readonly id: string | undefined;
  readonly injectedAt: Date;
  readonly injectedAtMs: number;
}

/** Injects faults, keeps them, ends them, and says of each whether it landed. */
export class Injector {
  readonly injections: Injection[] = [];
  readonly #holders: Holders;
  readonly #places: Places;
  readonly #journal: UndoJournal;
  readonly #testId: string;
  readonly #answers: () => readonly Answer[];
  #active: Active[] = [];
  #renewal: NodeJS.Timeout | undefined;

  constructor(
    holders: Holders,
    places: Places,
    journal: UndoJournal,
    testId: string,
    answers: () => readonly Answer[],
  ) {
    this.#holders = holders;
    this.#places = places;
    this.#journal = journal;
    this.#testId = testId;
    this.#answers = answers;
  }

  /** Names of the faults that are active. */
  get active(): string[] {
    return this.#active.map(({ action }) => action.name);
  }

  /** Injects one fault; one that cannot be injected is noted, and ends the method. */
  async inject(action: Action): Promise<boolean> {
    const holder = this.#holders.of(action);
    if (holder) this.#journal.note(this.#testId, holder.name, action.name);
    const injectedAt = new Date();
    try {
      const id = await this.#do(action, holder);
      this.#active.push({ action, holder, id, injectedAt, injectedAtMs: Date.now() });
      this.#renewal ??= setInterval(() => this.#renew(), RENEW_EVERY_MS);
      return true;
    } catch (error) {
      const proof = `it could not be injected: ${(error as Error).message}`;
      this.#note(action, { injected_at: null, landed: false, proof });
      return false;
    }
  }

  /**
   * Asks each active fault whether it landed, then ends it.
   *
   * @returns what could not be ended
   */
  async undo(): Promise<string[]> {
    clearInterval(this.#renewal);
    this.#renewal = undefined;
    const left: string[] = [];
    for (const { action, holder, id, injectedAt, injectedAtMs } of this.#active.reverse()) {
      const { landed, proof } = await this.#proof(action, holder, id, injectedAtMs);
      const undone = !holder || !id || (await end(holder, id));
      if (action.provider.type === 'seed') await this.seed(action.provider.afterwards);
      if (!undone) left.push(action.name);
      const undone_at = undone ? new Date().toISOString() : null;
      this.#note(action, { injected_at: injectedAt.toISOString(), undone_at, landed, proof });
    }
    this.#active = [];
    return left;
  }

  /** Asks whoever was asked for a fault of this method whether one is left. */
  async nothingLeft(method: readonly Action[]): Promise<boolean> {
    const reached = this.injections.some(({ injected_at }) => injected_at !== null);
    for (const holder of new Set(method.flatMap((action) => this.#holders.of(action) ?? []))) {
      const left = await holder.list().catch(() => undefined);
      // One that does not answer and never did holds nothing of ours.
      if (left === undefined ? reached : left.length > 0) return false;
    }
    return true;
  }

  async #do(action: Action, holder: Holder | undefined): Promise<string | undefined> {
    const { provider } = action;
    switch (provider.type) {
      case 'seed':
        await this.seed(provider.seed);
        return undefined;
      case 'undo':
        return undefined;
      case 'process_fault': {
        const { process, ...fault } = provider.arguments;
        return holder?.inject({ target: process, ...fault }, LEASE_S);
      }
      case 'network_fault': {
        const { proxy, ...fault } = provider.arguments;
        return holder?.inject({ target: proxy, ...fault }, LEASE_S);
      }
      default:
        return holder?.inject(provider.arguments, LEASE_S);
    }
  }

  /** Restarts the chance of `GET /unstable`. */
  async seed(seed: number): Promise<void> {
    const url = `${this.#places.url('unstable')}/unstable?seed=${seed}`;
    await (await fetch(url)).arrayBuffer();
  }

  /** Of a seed: how many calls the chance has struck. */
  async #proof(action: Action, holder: Holder | undefined, id: string | undefined, since: number) {
    if (!holder || !id) {
      const struck = this.#answers().filter(({ status, atMs }) => atMs > since && status >= 500);
      return { landed: struck.length > 0, proof: `${struck.length} calls failed by chance` };
    }
    return holder.proof(id).catch((error: Error) => ({
      landed: false,
      proof: `nobody can say: ${error.message} (${action.name})`,
    }));
  }

  #renew(): void {
    for (const { holder, id } of this.#active) {
      if (holder && id) holder.renew(id, LEASE_S).catch(() => undefined);
    }
  }

  #note(
    action: Action,
    rest: Partial<Injection> & Pick<Injection, 'injected_at' | 'landed' | 'proof'>,
  ) {
    const { type, ...how } = action.provider;
    const fault = `${type} ${JSON.stringify(how)}`;
    this.injections.push({ name: action.name, fault, undone_at: null, ...rest });
  }
}

/** Ends a fault; one whose lease has ended meanwhile is gone as well. */
async function end(holder: Holder, id: string): Promise<boolean> {
  try {
    await holder.remove(id);
    return true;
  } catch {
    const left = await holder.list().catch(() => undefined);
    return left?.every((fault) => fault.id !== id) ?? false;
  }
}
