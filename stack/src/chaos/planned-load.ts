import { join } from 'node:path';
import type { Phase } from '@breakwater/console/experiments';
import { stackVariables } from '../stack-variables.ts';
import { callLoad } from './call-load.ts';
import { Ended } from './ended.ts';
import type { Experiment } from './experiment.ts';
import { Caller, k6Load, type Load, scaled } from './load.ts';
import type { Places } from './places.ts';

/** Load before the baseline, in seconds: programs that have just begun are slow. */
export const WARM_UP_S = 5;
/** Load that is kept in reserve for each process that has to start again, in seconds. */
const START_S = 6;
/** Seconds that a run takes, roughly: what is planned, without the check before and the join after. */
export function plannedSeconds({ method, extensions: [own] }: Experiment): number {
  const pauses = method.reduce((sum, { pauses }) => sum + (pauses?.after ?? 0), 0);
  const load_s = own.baseline_s + pauses + own.recovery_s + own.after_s;
  if (!('rates' in own.load)) return load_s;
  const starts = method.filter(({ provider }) => provider.type === 'process_fault').length;
  return WARM_UP_S + load_s + starts * START_S;
}

/** Where the load of a run goes, and what is kept of it. */
export interface LoadOptions {
  readonly places: Places;
  /** Program of k6; absent where it is not there. */
  readonly k6: string | undefined;
  /** Whether k6 can write its own results to Prometheus. */
  readonly remoteWrite: boolean;
  readonly testId: string;
  /** Folder of the run's report. */
  readonly folder: string;
  /** The phase of the run at this moment. */
  readonly phase: () => Phase;
}

/**
 * Starts the load that an experiment asks for.
 *
 * @throws {Ended} when it needs k6 and there is none
 */
export function startLoad(experiment: Experiment, options: LoadOptions): Load {
  const { places, k6, remoteWrite, testId, folder, phase } = options;
  const [{ load }] = experiment.extensions;
  const gatewayUrl = places.url('gateway');
  if (!('rates' in load)) return callLoad(new Caller(gatewayUrl), load, phase);
  if (!k6) throw new Ended('aborted', 'k6 is missing: npm run stack:install -- k6');
  return k6Load({
    binary: k6,
    testId,
    rates: scaled(load.rates, loadScale(places)),
    seconds: plannedSeconds(experiment),
    gatewayUrl,
    ...(remoteWrite ? { prometheusUrl: places.url('prometheus') } : {}),
    reportFile: join(folder, 'k6.html'),
  });
}

/** `CHAOS_RATE` multiplies the rates, for machines that are slower or faster than most. */
export function loadScale({ env }: Places): number {
  return stackVariables(env).chaosRate;
}
