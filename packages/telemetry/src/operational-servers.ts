/**
 * Servers that operators ask every few seconds, whose requests would drown the traces people look
 * for.
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
