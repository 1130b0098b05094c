/**
 * Keeps the response of a request that was cut from what its handler still does.
 *
 * @module
 */
import type { Context } from 'hono';

/**
 * From now on nothing but the result sets `c.res`, and only once. A response that arrives later is
 * dropped; when it is a stream its source is told that nobody reads it.
 */
export function shieldResponse(c: Context): (response: Response) => void {
  const prototype = Object.getPrototypeOf(c);
  const read = (): Response => Reflect.get(prototype, 'res', c);
  const write = (response: Response | undefined) => Reflect.set(prototype, 'res', response, c);
  let final: Response | undefined;
  const drop = (late: Response | undefined) => {
    if (late === undefined || late === final || late.body?.locked) return;
    late.body?.cancel().catch(() => undefined);
  };
  // Headers for every response, such as those of CORS, stay; those of the one that was due go.
  if (c.finalized) write(undefined);
  Object.defineProperty(c, 'res', { configurable: true, get: () => final ?? read(), set: drop });
  return (response) => {
    if (final) return;
    write(response);
    final = read();
    // Hono hands on a late response only where there seems to be none yet.
    setImmediate(() => {
      c.finalized = false;
    });
  };
}
