/**
 * What an instrumentation of `node:http` should know of servers: some are asked by operators every
 * few seconds, whose requests would drown the traces people look for; some trace by themselves.
 *
 * @module
 */
import type { Server } from 'node:http';

const operational = new WeakSet<object>();

/** Say that a server is asked by operators only, for metrics and readiness among other things. */
export function markOperational(server: Server): void {
  operational.add(server);
}

/** Whether a server was marked as one for operators. */
export function isOperational(server: object | undefined): boolean {
  return server !== undefined && operational.has(server);
}

let leave: ((server: Server) => void) | undefined;

/**
 * Say that the requests of a server get their SERVER spans from the app behind it: an
 * instrumentation that makes them as well is to leave this one alone.
 */
export function markTraced(server: Server): void {
  leave?.(server);
}

/** Be told of each server that traces by itself, from now on; for whoever instruments servers. */
export function onTraced(listener: (server: Server) => void): void {
  leave = listener;
}
