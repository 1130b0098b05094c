/**
 * The console: live circuits, failures and their traces, experiments.
 *
 * @module
 */
import { UnsupportedMediaTypeError } from '@breakwater/errors';
import { ACCESS_ERRORS, createService, type Service, type ServiceOptions } from '@breakwater/hono';
import { MAX_OTLP_BYTES } from '@breakwater/timeline';
import { accessControl } from './access-control.ts';
import type { Experiments } from './experiments/experiments.ts';
import { Live } from './live.ts';
import type { Processes } from './processes.ts';
import { mountAssets } from './routes/assets.ts';
import { mountCircuits } from './routes/circuits.ts';
import { mountExperiments } from './routes/experiments.ts';
import { INTAKE_PATHS, mountIntake } from './routes/intake.ts';
import { mountLive } from './routes/live.ts';
import { mountPages } from './routes/pages.ts';
import { mountSources } from './routes/sources.ts';
import type { Telemetry } from './telemetry.ts';

/** What is the owner's to say of the service underneath. */
export type Passed = 'logger' | 'registry' | 'maxInFlight' | 'trust';

/** What the app is made of. */
export interface AppDependencies extends Pick<ServiceOptions, Passed> {
  readonly telemetry: Telemetry;
  readonly processes: Processes;
  readonly experiments: Experiments;
  /** Wanted by every change. */
  readonly token: string;
  /** Wanted by the console's own circuits. */
  readonly controlToken?: string;
  /** Names beside those of loopback under which the console answers. */
  readonly allowedHosts?: readonly string[];
  /** Wall clock, in Unix milliseconds. */
  readonly now?: () => number;
}

/** What the routes share. */
export interface Context extends Omit<AppDependencies, Passed> {
  readonly live: Live;
  readonly now: () => number;
}

/** The app of the service, before it listens, and the streams that end with it. */
export function createApp(dependencies: AppDependencies): { service: Service; live: Live } {
  const { logger, registry, maxInFlight, trust, controlToken, ...rest } = dependencies;
  const service = createService({
    name: 'console',
    description: 'Live circuits, failures and their traces, experiments.',
    logger,
    ...(registry ? { registry } : {}),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(trust ? { trust } : {}),
    ...(controlToken === undefined ? {} : { controlToken }),
    maxBodyBytesAt: Object.fromEntries(INTAKE_PATHS.map((path) => [path, MAX_OTLP_BYTES])),
    errors: [...ACCESS_ERRORS, UnsupportedMediaTypeError],
    access: accessControl(rest.allowedHosts ?? []),
    allowedHosts: rest.allowedHosts ?? [],
  });
  const live = new Live();
  const context: Context = { now: Date.now, ...rest, live };
  mountAssets(service.app);
  mountPages(service.app, context);
  mountLive(service.app, context);
  mountCircuits(service.app, context);
  mountExperiments(service.app, context);
  mountIntake(service.app, context);
  mountSources(service.app, context);
  return { service, live };
}
