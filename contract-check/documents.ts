/**
 * The OpenAPI documents of the services, as their source is today: no service is started for them.
 *
 * The console has none here: its page and its server are one deployable.
 *
 * @module
 */
import { testTelemetry } from '@breakwater/testing';
import { createApp as catalog } from '../services/catalog/src/app.ts';
import { createApp as gateway } from '../services/gateway/src/app.ts';
import { createApp as notifications } from '../services/notifications/src/app.ts';
import { createApp as orders } from '../services/orders/src/app.ts';
import { createApp as payments } from '../services/payments/src/app.ts';
import { createApp as unstable } from '../services/unstable/src/app.ts';
import { createApp as users } from '../services/users/src/app.ts';

/** The parts of an OpenAPI 3.1 document that are read here. */
export interface OpenApiDocument {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components?: { readonly schemas?: Record<string, unknown> };
  readonly [key: string]: unknown;
}

/** The parts of one of its operations. */
export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Record<string, { readonly content?: Content }>;
  /** Every code that the operation can respond with. */
  readonly 'x-error-codes'?: readonly string[];
  readonly [key: string]: unknown;
}

/** A path, query or header parameter. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: unknown;
}

type Content = Record<string, { readonly schema?: unknown }>;

/** A document says what an app can do, not what it does it with: this stands for all of that. */
const NOTHING: never = new Proxy(() => {}, {
  get: (_, name) => (name === 'then' ? undefined : NOTHING),
  apply: () => NOTHING,
}) as never;
const database = { db: NOTHING, pool: NOTHING, ping: async () => {} };

const CREATE: Readonly<Record<string, () => { readonly app: App }>> = {
  catalog: () => catalog({ database, ...testTelemetry('catalog') }),
  gateway: () =>
    gateway({
      peers: NOTHING,
      experiments: NOTHING,
      secureDataToken: 'none',
      ...testTelemetry('gateway'),
    }),
  notifications: () => notifications({ delivery: NOTHING, ...testTelemetry('notifications') }),
  orders: () => orders({ database, peers: NOTHING, queue: NOTHING, ...testTelemetry('orders') }),
  payments: () => payments({ database, provider: NOTHING, ...testTelemetry('payments') }),
  unstable: () =>
    unstable({
      ...{ database, faults: NOTHING, random: NOTHING, controlToken: 'none' },
      ...testTelemetry('unstable'),
    }),
  users: () => users({ database, peers: NOTHING, ...testTelemetry('users') }),
};

interface App {
  request(path: string): Response | Promise<Response>;
}

/** The services that have a document. */
export const SERVICES: readonly string[] = Object.keys(CREATE);

/** The document of each service, by its name. */
export async function currentDocuments(): Promise<Record<string, OpenApiDocument>> {
  const entries = Object.entries(CREATE).map(async ([name, create]) => {
    const response = await create().app.request('/openapi.json');
    return [name, (await response.json()) as OpenApiDocument] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
