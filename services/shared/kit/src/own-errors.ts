/**
 * Tells what the database's driver fails with from the same error of somebody else.
 *
 * @module
 */
import type pg from 'pg';

const own = new WeakSet<object>();

/**
 * Marks whatever this pool and its connections reject with. `ECONNREFUSED` and `timeout expired`
 * say nothing of whose connection it was: only where it is made is that known.
 *
 * @returns the pool
 */
export function markErrors(pool: pg.Pool): pg.Pool {
  pool.query = marking(pool.query.bind(pool)) as typeof pool.query;
  pool.connect = marking(pool.connect.bind(pool)) as typeof pool.connect;
  return pool.on('connect', (client) => {
    client.query = marking(client.query.bind(client)) as typeof client.query;
  });
}

/** Whether an error came from a pool that {@link markErrors} was told of. */
export function isOwn(error: object): boolean {
  return own.has(error);
}

function marking<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    const result = call(...args);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      if (typeof error === 'object' && error !== null) own.add(error);
      throw error;
    }) as Result;
  };
}
