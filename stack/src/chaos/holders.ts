import type { ListedFault } from '@breakwater/console/experiments';
import { requestControl } from '../control.ts';
import { StackError } from '../errors.ts';
import type { Action } from './experiment.ts';
import type { Places } from './places.ts';

/** A fault as its holder tells of it. */
interface HeldFault {
  readonly id: string;
  readonly kind: string;
  readonly expires_at: string;
  /** Of a service or the provider. */
  readonly route?: string;
  readonly requests?: number;
  readonly hits?: number;
  /** Of the stack. */
  readonly target?: string;
  readonly landed?: boolean;
  readonly proof?: string;
}

type Ask = (method: string, path: string, body?: object) => Promise<string>;

/** Who has faults, and ends them when their lease is over. All speak the same four requests. */
export class Holder {
  readonly name: string;
  readonly #ask: Ask;

  constructor(name: string, ask: Ask) {
    this.name = name;
    this.#ask = ask;
  }

  /** @returns the id of the fault. @throws StackError when it cannot be injected. */
  async inject(fault: object, leaseS: number): Promise<string> {
    const text = await this.#ask('PUT', '/faults', { ...fault, for_s: leaseS });
    return (JSON.parse(text) as HeldFault).id;
  }

  /** Starts the lease of a fault anew. @throws StackError when there is none any more. */
  async renew(id: string, leaseS: number): Promise<void> {
    await this.#ask('PUT', `/faults/${id}`, { for_s: leaseS });
  }

  async remove(id: string): Promise<void> {
    await this.#ask('DELETE', `/faults/${id}`);
  }

  async list(): Promise<ListedFault[]> {
    return (await this.#held()).map((fault) => ({
      holder: this.name,
      id: fault.id,
      fault: describe(fault),
      expires_at: fault.expires_at,
    }));
  }

  /** Whether a fault is seen to have had its effect, and how. */
  async proof(id: string): Promise<{ readonly landed: boolean; readonly proof: string }> {
    const fault = (await this.#held()).find((held) => held.id === id);
    if (!fault) return { landed: false, proof: 'the fault is not there any more' };
    if (fault.proof !== undefined) return { landed: fault.landed === true, proof: fault.proof };
    const { hits = 0, requests = 0 } = fault;
    return { landed: hits > 0, proof: `it struck ${hits} of ${requests} requests` };
  }

  async #held(): Promise<HeldFault[]> {
    return (JSON.parse(await this.#ask('GET', '/faults')) as { faults: HeldFault[] }).faults;
  }
}

/** The holders of a stack, by name. */
export class Holders {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  /** The one that a step of a method asks; undefined when it asks none. */
  of({ provider }: Action): Holder | undefined {
    switch (provider.type) {
      case 'provider_fault':
        return this.byName('provider');
      case 'service_fault':
        return this.byName(provider.service);
      case 'network_fault':
      case 'process_fault':
        return this.byName('stack');
      default:
        return undefined;
    }
  }

  /** `provider`, `stack`, or the name of a service. */
  byName(name: string): Holder {
    if (name === 'stack') return new Holder(name, this.#askStack());
    return new Holder(name, this.#askOverHttp(name === 'provider' ? 'unstable' : name));
  }

  /** Every holder there is; those that do not answer have nothing to end. */
  async all(): Promise<Holder[]> {
    const services = this.#places.services.filter((name) => name !== 'unstable');
    const known = await Promise.all(services.map((name) => this.#knowsFaults(name)));
    const holding = services.filter((_, i) => known[i]);
    return ['provider', 'stack', ...holding].map((name) => this.byName(name));
  }

  /** Asking for a route that is not there would be one more failure, in the middle of a run. */
  async #knowsFaults(service: string): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(`${this.#places.operationsUrl(service)}/openapi.json`, {
        signal,
      });
      const { paths = {} } = (await response.json()) as { readonly paths?: object };
      return '/faults' in paths;
    } catch {
      return false;
    }
  }

  /** Every active fault. */
  async active(): Promise<ListedFault[]> {
    const holders = await this.all();
    const lists = await Promise.all(holders.map((holder) => holder.list().catch(() => [])));
    return lists.flat();
  }

  /** Ends every active fault. @returns a sentence for each; one that could not be ended says so. */
  async clear(): Promise<{ readonly ended: string[]; readonly left: string[] }> {
    const [ended, left]: [string[], string[]] = [[], []];
    for (const { holder, id, fault } of await this.active()) {
      const sentence = `${holder}: ${fault}`;
      await this.byName(holder)
        .remove(id)
        .then(
          () => ended.push(sentence),
          (error: Error) => left.push(`${sentence} (${error.message})`),
        );
    }
    return { ended, left };
  }

  #askStack(): Ask {
    const socket = this.#places.paths.controlSocket;
    return (method, path, body) => requestControl(socket, method, path, body);
  }

  #askOverHttp(service: string): Ask {
    return async (method, path, body) => {
      const url = this.#places.operationsUrl(service);
      const response = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${this.#places.controlToken}`,
          'content-type': 'application/json',
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }).catch(() => {
        throw new StackError(`${service} does not answer at ${url}`);
      });
      const text = await response.text();
      if (response.ok) return text;
      const hint = response.status === 404 && path === '/faults' ? ' (FAULT_INJECTION=on?)' : '';
      throw new StackError(
        `${service} refused ${method} ${path} with ${response.status}${hint}: ${text.slice(0, 200)}`,
      );
    };
  }
}

const TIMEOUT_MS = 5_000;

function describe({ kind, route, target }: HeldFault): string {
  return route ? `${kind} on ${route}` : `${kind} ${target}`;
}
