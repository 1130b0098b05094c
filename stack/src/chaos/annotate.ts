import { existsSync } from 'node:fs';
import { closeLogger, createLogger, type Logger } from '@breakwater/otel';
import type { Places } from './places.ts';

/** What stands on the line of a step. */
export interface StepFields {
  readonly experiment: string;
  readonly testid: string;
  readonly step: string;
  readonly phase: string;
}

const SERVICE = 'experiments';
const TIMEOUT_MS = 1_000;

/**
 * Tells each step of an experiment where people look: as a log line of the service `experiments`,
 * and as an annotation in Grafana where one answers. A line goes to a file beside those of the
 * services, so that it survives an outage of Loki; where they are not files of this machine, it goes
 * to Loki itself.
 */
export class Annotations {
  readonly #places: Places;
  readonly #logger: Logger | undefined;

  constructor(places: Places) {
    this.#places = places;
    const identity = {
      serviceName: SERVICE,
      namespace: places.env.SERVICE_NAMESPACE ?? 'breakwater',
      environment: places.env.DEPLOYMENT_ENVIRONMENT ?? 'development',
    };
    const directory = places.serviceLogs;
    if (existsSync(directory)) {
      this.#logger = createLogger({ identity, directory, write: () => undefined });
    }
  }

  async step(fields: StepFields): Promise<void> {
    const message = `${fields.experiment}: ${fields.step}`;
    const line = { 'event.name': 'experiment_step', ...fields };
    if (this.#logger) this.#logger.info(message, line);
    else await this.#push(message, line);
    await this.#annotate(message, fields);
  }

  async close(): Promise<void> {
    if (this.#logger) await closeLogger(this.#logger);
  }

  async #push(message: string, fields: object): Promise<void> {
    const { env } = this.#places;
    const stream = {
      service_name: SERVICE,
      service_namespace: env.SERVICE_NAMESPACE ?? 'breakwater',
      deployment_environment_name: env.DEPLOYMENT_ENVIRONMENT ?? 'development',
    };
    const timestamp = new Date().toISOString();
    const text = JSON.stringify({ timestamp, level: 'info', message, ...fields });
    const values = [[`${Date.now()}000000`, text, fields]];
    await post(`${this.#places.url('loki')}/loki/api/v1/push`, { streams: [{ stream, values }] });
  }

  /** Grafana may not be there: Loki's lines are what the dashboards show. */
  async #annotate(text: string, { experiment, phase }: StepFields): Promise<void> {
    const password = this.#places.env.GRAFANA_PASSWORD ?? 'breakwater';
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
    const tags = ['experiment', experiment, phase];
    const body = { time: Date.now(), tags, text };
    await post(`${this.#places.url('grafana')}/api/annotations`, body, { authorization });
  }
}

/** What cannot be told there is told in the journal all the same. */
async function post(
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<void> {
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => undefined);
}
