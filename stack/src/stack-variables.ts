import { Config, ConfigurationError } from '@breakwater/kit/config';
import { StackError } from './errors.ts';
import type { Variables } from './interpolate.ts';

/** What the stack itself is told by the environment; `docs/configuration.md` has them all. */
export interface StackVariables {
  /** Whether traffic goes through the network's proxies. */
  readonly networkFaults: boolean;
  /** Whether an embedded stack is sent some requests. */
  readonly demoTraffic: boolean;
  /** What the rates of an experiment are multiplied by. */
  readonly chaosRate: number;
}

/**
 * Reads the variables of the stack, and checks those that choose a file or a share in the collector.
 *
 * @throws StackError with one sentence for each that is malformed
 */
export function stackVariables(environment: Variables): StackVariables {
  try {
    return Config.read({ ...environment }, readVariables);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new StackError(error.problems.join('\n'));
  }
}

/** What {@link stackVariables} reads. */
export function readVariables(config: Config): StackVariables {
  config.oneOf('TRACE_SAMPLING', ['all', 'tail'], 'all');
  config.integer('TRACE_SAMPLE_PERCENT', 10, 0, 100);
  return {
    networkFaults: config.switch('NETWORK_FAULTS', 'off'),
    demoTraffic: config.switch('DEMO_TRAFFIC', 'on'),
    chaosRate: config.number('CHAOS_RATE', 1, 0.01, 100),
  };
}
