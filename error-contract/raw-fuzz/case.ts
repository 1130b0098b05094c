/**
 * One connection of the fuzz: the bytes, and what must come of them.
 *
 * @module
 */
import type { Random } from '@breakwater/resilience';

/** Bytes of one request, and the status of its response. */
export interface RawRequest {
  /** What it is, for the report. */
  readonly what: string;
  /** Latin-1: each character is one byte. */
  readonly bytes: string;
  readonly status: number;
}

/** What a client sends on one connection. */
export interface Case {
  /** What it was made from. */
  readonly seed: number;
  /** What it is made of, for the report. */
  readonly what: string;
  /** Sent one after the other, as packets of their own where the network allows. */
  readonly pieces: readonly Buffer[];
  /** Statuses of the responses, in order; undefined where the bytes were changed at random. */
  readonly statuses: readonly number[] | undefined;
  /** The client resets the connection when all is sent: nobody is owed a response. */
  readonly leaves: boolean;
}

/** An operation of the service that is fuzzed. */
export interface Operation {
  readonly method: string;
  readonly target: string;
  /** Sent as JSON. */
  readonly body?: string;
  readonly headers?: readonly string[];
  readonly status: number;
}

/** Picks one of a list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** A whole number from `min` to `max`. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** Cuts bytes at random places; most often not at all. */
export function cut(random: Random, bytes: string): Buffer[] {
  const pieces = random() < 0.6 ? 1 : between(random, 2, 5);
  const at = Array.from({ length: pieces - 1 }, () => between(random, 0, bytes.length));
  const places = [0, ...at.sort((a, b) => a - b), bytes.length];
  return places
    .slice(1)
    .map((end, i) => Buffer.from(bytes.slice(places[i], end), 'latin1'))
    .filter(({ length }) => length > 0);
}
