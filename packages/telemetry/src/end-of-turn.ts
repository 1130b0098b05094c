/**
 * What is written once for all that happened in a turn of the event loop.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** What is done for many requests belongs to none of them. */
const outsideOfRequests = AsyncLocalStorage.snapshot();

let writers: (() => void)[] = [];
let waiting: (() => void)[] = [];

/**
 * Write something at the end of this turn: once the event loop has been around all connections that
 * had something to read, or when the process exits.
 */
export function atEndOfTurn(write: () => void): void {
  if (writers.push(write) === 1) outsideOfRequests(setImmediate, endTurn);
}

/** Whether something waits to be written. */
export function isWriting(): boolean {
  return writers.length > 0;
}

/** Do something at the end of this turn, after all that is written there. */
export function afterWriting(work: () => void): void {
  waiting.push(work);
}

/** Write at once what waits to be written, and do what waits for that. */
export function endTurn(): void {
  const [toWrite, toDo] = [writers, waiting];
  writers = [];
  waiting = [];
  for (const write of toWrite) write();
  for (const work of toDo) work();
}

process.on('exit', endTurn);
