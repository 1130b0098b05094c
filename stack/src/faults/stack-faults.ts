import { randomUUID } from 'node:crypto';
import { StackError } from '../errors.ts';
import { problemOf, type StackFault, type StackFaultRequest } from './stack-fault.ts';

/** A fault that is there: whether it can be seen, and how it ends. */
export interface Inflicted {
  /** Whether it is seen to be there, and how. */
  look(): Promise<{ readonly landed: boolean; readonly proof: string }>;
  /** @throws StackError when it could not be undone; it is tried again. */
  undo(): Promise<void>;
}

/** Does a fault. @throws StackError when it cannot be done. */
export type Inflict = (request: StackFaultRequest) => Promise<Inflicted>;

/** When what could not be undone is tried again, in milliseconds. */
const AGAIN_MS = 2_000;

interface Held {
  readonly request: StackFaultRequest;
  readonly inflicted: Inflicted;
  expiresAt: number;
  timer: NodeJS.Timeout;
  /** The undo under way: the end of the lease and a removal may meet. */
  undoing?: Promise<void> | undefined;
}

/**
 * The faults that are active. Each is a lease: it ends by itself, whatever has become of who asked
 * for it.
 */
export class StackFaults {
  readonly #inflict: Inflict;
  readonly #held = new Map<string, Held>();

  constructor(inflict: Inflict) {
    this.#inflict = inflict;
  }

  /** @throws StackError saying what is wrong with the request, or why it cannot be done. */
  async add(request: StackFaultRequest): Promise<StackFault> {
    const problem = problemOf(request);
    if (problem) throw new StackError(`The fault is refused: ${problem}.`);
    const taken = [...this.#held.values()].some(
      ({ request: { target } }) => target === request.target,
    );
    if (taken) throw new StackError(`${request.target} has a fault already; end that first.`);
    const inflicted = await this.#inflict(request);
    const id = randomUUID();
    const held = { request, inflicted, ...this.#lease(id, request.for_s) };
    this.#held.set(id, held);
    return this.#describe(id, held);
  }

  /** Starts the lease anew. @returns undefined when there is no such fault any more. */
  async renew(id: string, forS: number): Promise<StackFault | undefined> {
    const held = this.#held.get(id);
    if (!held || held.undoing) return undefined;
    clearTimeout(held.timer);
    Object.assign(held, this.#lease(id, forS));
    return this.#describe(id, held);
  }

  list(): Promise<StackFault[]> {
    return Promise.all([...this.#held].map(([id, held]) => this.#describe(id, held)));
  }

  /** Ends one fault. @returns false when there is none with this id. */
  async remove(id: string): Promise<boolean> {
    const held = this.#held.get(id);
    if (!held) return false;
    clearTimeout(held.timer);
    held.undoing ??= held.inflicted.undo();
    try {
      await held.undoing;
      this.#held.delete(id);
    } catch (error) {
      held.undoing = undefined;
      held.timer = setTimeout(() => this.#expire(id), AGAIN_MS).unref();
      throw error;
    }
    return true;
  }

  /** Forgets every lease without an undo, since everything ends anyway. */
  close(): void {
    for (const { timer } of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
  }

  #lease(id: string, forS: number) {
    const timer = setTimeout(() => this.#expire(id), forS * 1_000).unref();
    return { expiresAt: Date.now() + forS * 1_000, timer };
  }

  #expire(id: string): void {
    this.remove(id).catch(() => undefined);
  }

  async #describe(id: string, { request, inflicted, expiresAt }: Held): Promise<StackFault> {
    const { kind, target } = request;
    const expires_at = new Date(expiresAt).toISOString();
    return { id, kind, target, expires_at, ...(await inflicted.look()) };
  }
}
