/**
 * The services as they run: how they are, their circuits, and the errors they know.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { fromPeer } from '@breakwater/client';
import {
  type AppError,
  BadGatewayError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  decodeError,
  type ErrorKind,
  NotFoundError,
} from '@breakwater/errors';
import type { BreakerSeries, Findings, TimeRange } from '@breakwater/timeline';

/** One process of a service, by where it listens. */
export interface Place {
  readonly service: string;
  /** Host and port. */
  readonly address: string;
}

/** How a process is. */
export interface Health extends Place {
  /** `running` is a process that has no health check. */
  readonly state: 'ready' | 'running' | 'not ready' | 'degraded' | 'does not answer';
  /** What is wrong, in a few words; empty when nothing is. */
  readonly why: string;
}

/** One move of a circuit, as `GET /breakers` tells it. */
export interface Transition {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly error_type?: string;
  readonly by?: string;
  readonly why?: string;
  readonly trace_id?: string;
}

/** A circuit of a process. */
export interface Circuit extends Place {
  readonly name: string;
  readonly state: 'closed' | 'open' | 'half_open' | 'isolated';
  readonly failures: number;
  /** ISO 8601. */
  readonly since: string;
  readonly probes_at: string | null;
  readonly last_transition: Transition | null;
  readonly transitions: readonly Transition[];
  /** Only its state is known, by the metrics of its process, which takes no orders. */
  readonly onlyState?: true;
  readonly isolated_by?: string;
  readonly isolated_why?: string;
}

/** An error and the services that can answer it. */
export interface KnownError extends ErrorKind {
  readonly services: readonly string[];
}

/** What steers a circuit: `POST /breakers/{name}/isolate` or `/release` of its service. */
export type Steering =
  | {
      readonly action: 'isolate';
      readonly for_s: number;
      readonly by: string;
      readonly why: string;
    }
  | { readonly action: 'release'; readonly by: string; readonly why: string };

export interface ProcessesOptions {
  /** The states of circuits by metrics, for processes that do not tell of them otherwise. Default: none. */
  readonly breakers?: (range: TimeRange, stepMs: number) => Promise<readonly BreakerSeries[]>;
  /** A Prometheus `file_sd` file; a target without the label `service_name` is passed over. */
  readonly targetsFile: string;
  /** What steering a circuit sends. Default: nothing, and a service that wants one refuses. */
  readonly controlToken?: string;
}

/** A process that takes longer is told as one that does not answer; in milliseconds. */
const TIMEOUT_MS = 1_500;
/** How far back metrics are asked since when a circuit is in its state, and how closely; in milliseconds. */
const COUNTED_MS = 600_000;
const COUNTED_STEP_MS = 2_000;
/** Somebody waits for a change to be made; in milliseconds. */
const STEER_TIMEOUT_MS = 8_000;

/** The processes of the targets file, which is read again when it changes. */
export class Processes {
  readonly #options: ProcessesOptions;
  #read: { readonly mtimeMs: number; readonly places: readonly Place[] } | undefined;
  /** Why there is no place, as a sentence. */
  #problem: string | undefined;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** In the order of the file; empty while there is none. */
  places(): readonly Place[] {
    const { targetsFile } = this.#options;
    try {
      const { mtimeMs } = statSync(targetsFile);
      if (this.#read?.mtimeMs !== mtimeMs) {
        this.#read = { mtimeMs, places: readPlaces(readFileSync(targetsFile, 'utf8')) };
      }
      this.#problem = undefined;
      return this.#read.places;
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? 'it is no list of targets';
      this.#problem = `The file of targets, ${targetsFile}, cannot be read (${why}).`;
      return [];
    }
  }

  health(): Promise<Health[]> {
    return Promise.all(
      this.places().map(async (place): Promise<Health> => {
        try {
          return { ...place, ...(await tellHealth(await ask(place, '/readyz?verbose'))) };
        } catch {
          return { ...place, state: 'does not answer', why: `${place.address} is silent` };
        }
      }),
    );
  }

  /** The circuits of every process that answers; `incomplete` names the others. */
  async circuits(): Promise<Findings<Circuit>> {
    const silent: string[] = [];
    // One reading of all metrics, and only where a process does not tell by itself.
    let reading: Promise<readonly BreakerSeries[]> | undefined;
    const series = () => {
      reading ??= this.#series();
      return reading;
    };
    const lists = await Promise.all(
      this.places().map(async (place) => {
        try {
          const response = await ask(place, '/breakers');
          if (response.status === 404) return counted(place, await series());
          const { breakers } = (await response.json()) as {
            breakers: Omit<Circuit, keyof Place>[];
          };
          return breakers.map((breaker): Circuit => ({ ...breaker, ...place }));
        } catch {
          silent.push(`${place.service} (${place.address})`);
          return [];
        }
      }),
    );
    const found = lists.flat();
    if (this.#problem) return { found, incomplete: this.#problem };
    return silent.length === 0
      ? { found }
      : { found, incomplete: `The circuits of ${silent.sort().join(', ')} are not known.` };
  }

  async #series(): Promise<readonly BreakerSeries[]> {
    const toMs = Date.now();
    return (
      (await this.#options.breakers?.({ fromMs: toMs - COUNTED_MS, toMs }, COUNTED_STEP_MS)) ?? []
    );
  }

  /** Every error of every service that answers, by code. */
  async errors(): Promise<KnownError[]> {
    const known = new Map<string, KnownError>();
    await Promise.all(
      this.places().map(async (place) => {
        const response = await ask(place, '/errors').catch(() => undefined);
        if (!response?.ok) return;
        const { errors } = (await response.json()) as { errors: ErrorKind[] };
        for (const kind of errors) {
          const services = new Set([...(known.get(kind.code)?.services ?? []), place.service]);
          known.set(kind.code, { ...kind, services: [...services].sort() });
        }
      }),
    );
    return [...known.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  /**
   * Isolates or releases a circuit.
   *
   * @throws {NotFoundError} when no process listens at the address; what the service answers else
   */
  async steer(address: string, breaker: string, { action, ...body }: Steering): Promise<unknown> {
    const place = this.places().find((each) => each.address === address);
    if (!place) throw new NotFoundError('process', address);
    const { controlToken } = this.#options;
    const path = `/breakers/${encodeURIComponent(breaker)}/${action}`;
    const response = await fetch(`http://${address}${path}`, {
      signal: AbortSignal.timeout(STEER_TIMEOUT_MS),
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/problem+json',
        ...(controlToken === undefined ? {} : { authorization: `Bearer ${controlToken}` }),
      },
      body: JSON.stringify(body),
    }).catch((cause: Error) => {
      throw unreachable(place.service, cause);
    });
    if (response.ok) return response.json();
    throw fromPeer(
      place.service,
      (await decodeError(response)) ?? new BadGatewayError(place.service),
    );
  }
}

/** The circuits that the metrics of a process show. */
function counted(place: Place, series: readonly BreakerSeries[]): Circuit[] {
  return series.flatMap(({ instance, breaker, points }): Circuit[] => {
    const last = points.at(-1);
    if (instance !== place.address || !last) return [];
    const before = points.findLast(({ state }) => state !== last.state);
    const since = points.find(({ timeMs }) => timeMs > (before?.timeMs ?? 0)) ?? last;
    return [
      {
        ...place,
        name: breaker,
        state: last.state,
        since: new Date(since.timeMs).toISOString(),
        ...{ failures: 0, probes_at: null, last_transition: null, transitions: [] },
        onlyState: true,
      },
    ];
  });
}

function readPlaces(text: string): Place[] {
  const groups = JSON.parse(text) as {
    readonly targets: readonly string[];
    readonly labels?: { readonly service_name?: string };
  }[];
  return groups.flatMap(({ targets, labels }) => {
    const service = labels?.service_name;
    return service ? targets.map((address) => ({ service, address })) : [];
  });
}

function ask({ address }: Place, path: string): Promise<Response> {
  return fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

/** What `/readyz?verbose` answers, as far as it is read. */
interface Readiness {
  readonly checks?: readonly { readonly name: string; readonly ok: boolean }[];
  readonly degraded?: {
    readonly active?: boolean;
    readonly mode?: string;
    readonly because_of?: readonly string[];
  };
  readonly error_rate?: { readonly is_unhealthy?: boolean; readonly error_rate?: number };
}

async function tellHealth(response: Response): Promise<Pick<Health, 'state' | 'why'>> {
  if (response.status === 404) return { state: 'running', why: '' };
  const { checks = [], degraded, error_rate } = (await response.json()) as Readiness;
  if (!response.ok) {
    const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    return { state: 'not ready', why: failing.join(', ') || 'it is stopping' };
  }
  if (error_rate?.is_unhealthy) {
    const share = Math.round((error_rate.error_rate ?? 0) * 100);
    return { state: 'degraded', why: `${share} % of its last answers failed` };
  }
  if (degraded?.active) {
    const names = (degraded.because_of ?? []).join(', ');
    return { state: 'degraded', why: `${names} is unhealthy: ${degraded.mode ?? ''}` };
  }
  return { state: 'ready', why: '' };
}

function unreachable(service: string, cause: Error): AppError {
  return cause.name === 'TimeoutError'
    ? new DependencyTimeoutError(service, { cause, delivery: 'unknown' })
    : new DependencyUnavailableError(service, { cause });
}
