import { sleep } from '../verify/sleep.ts';
import { Ended } from './ended.ts';
import type { Extension } from './experiment.ts';
import type { Holders } from './holders.ts';
import { Caller } from './load.ts';
import type { Places } from './places.ts';
import type { UndoJournal } from './undo-journal.ts';
import type { Watch } from './watch.ts';

/** Journeys that are tried before a run. */
const CALLABLE: ReadonlySet<string> = new Set(['browse', 'view item', 'missing item', 'order']);
const TRIES = 3;
/** Longest wait for a system to be well, and between two looks, in milliseconds. */
const STEADY_MS = 30_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Ends what a run that was killed has left.
 *
 * @returns a sentence for each of its faults; none when it left nothing
 * @throws {Ended} when one of them cannot be ended
 * @throws {StackError} when that run is still there
 */
export async function clearLeftovers(journal: UndoJournal, holders: Holders): Promise<string[]> {
  const left = journal.leftBehind();
  if (!left) return [];
  const { ended, left: stuck } = await holders.clear();
  if (stuck.length > 0) throw new Ended('aborted', `cannot be undone: ${stuck.join('; ')}`);
  journal.clear();
  return ended.length > 0 ? ended : left.faults.map((fault) => `${fault} (its lease had ended)`);
}

/** @throws {Ended} when a fault is active that nobody of ours has asked for */
export async function expectNoFault(holders: Holders): Promise<void> {
  const active = await holders.active();
  if (active.length === 0) return;
  const faults = active.map(({ holder, fault }) => `${holder}: ${fault}`).join('; ');
  throw new Ended('aborted', `a fault is active already: ${faults}. npm run chaos -- undo`);
}

/**
 * Waits for a system that may be on its way back from the run before.
 *
 * @param throwIfAborted - called between two looks
 * @throws {Ended} when it stays sick
 */
export async function untilWell(
  places: Places,
  own: Extension,
  watch: Watch,
  throwIfAborted: () => void,
): Promise<void> {
  const until = Date.now() + STEADY_MS;
  for (;;) {
    throwIfAborted();
    const ill = await illness(places, own, watch);
    if (!ill) return;
    if (Date.now() > until) {
      throw new Ended(
        'aborted',
        `the system is sick before anything was injected: ${ill}. Look at npm run stack -- status`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** What is wrong with a system before anything is injected; undefined when nothing is. */
async function illness(
  places: Places,
  { load, watch: breakers }: Extension,
  watch: Watch,
): Promise<string | undefined> {
  await watch.look();
  for (const breaker of breakers) {
    const state = watch.breakers[breaker];
    // Circuits that wait for a probe close by the very calls below.
    if (state === 'open' || state === 'isolated') return `the circuit ${breaker} is ${state}`;
  }
  const caller = new Caller(places.url('gateway'));
  if (!('rates' in load)) await caller.call(load.journey);
  const journeys = 'rates' in load ? Object.keys(load.rates) : [load.steady];
  for (const journey of journeys.filter((name) => CALLABLE.has(name))) {
    for (let i = 0; i < TRIES; i++) {
      const { status, code, expected } = await caller.call(journey);
      const answer = status === 0 ? 'nobody' : `${status} ${code}`;
      if (!expected) return `"${journey}" is answered by ${answer}`;
    }
  }
  await watch.look();
  const open = breakers.find((name) => (watch.breakers[name] ?? 'closed') !== 'closed');
  return open && `the circuit ${open} is ${watch.breakers[open]}`;
}
