import type { Phase } from '@breakwater/console/experiments';
import { sleep } from '../verify/sleep.ts';
import type { CallLoad } from './experiment.ts';
import type { Caller, Load } from './load.ts';

/**
 * One call after the other, without k6: the steady journey, and while faults are active the other
 * one, as often as the experiment says. It ends when it is stopped.
 *
 * @param phase the phase of the run at this moment
 */
export function callLoad(caller: Caller, load: CallLoad, phase: () => Phase): Load {
  let stopped = false;
  let left = load.calls;
  const go = async () => {
    while (!stopped) {
      const striking = phase() === 'injecting';
      if (!striking) await caller.call(load.steady);
      else if (left-- > 0) await caller.call(load.journey);
      // A circuit that waits for a probe closes by a call that passes it.
      if (phase() === 'recovering') await caller.call(load.journey);
      await sleep(load.every_ms);
    }
  };
  const stop = () => {
    stopped = true;
  };
  return { answers: caller.answers, ended: go(), stop };
}
