/**
 * Where a request comes from.
 *
 * @module
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Context } from 'hono';

/** The part of `@hono/node-server`'s bindings that is needed; absent behind `app.request()`. */
interface Bindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

/**
 * The address of the client: that of the connection. Behind proxies of your own say how many there
 * are; then it is the entry of `X-Forwarded-For` that the outermost of them wrote. What stands
 * further left was written by the client, who may have made it up.
 *
 * @param trustedProxies 0 when clients connect directly: the header is not looked at
 * @returns `unknown` where no connection is known
 */
export function clientAddress(c: Context, trustedProxies = 0): string {
  const { incoming } = (c.env ?? {}) as Bindings;
  const connection = incoming?.socket?.remoteAddress ?? 'unknown';
  if (trustedProxies === 0) return connection;
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  const claimed = forwarded.at(-trustedProxies) ?? '';
  return isIPv4(claimed) || isIPv6(claimed) ? claimed : connection;
}

/**
 * The network that stands for one client: an IPv4 address, or the /64 that an IPv6 host may take
 * any address from.
 */
export function clientNetwork(address: string): string {
  const mapped = address.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i)?.[1];
  if (mapped) return mapped;
  return isIPv6(address) ? `${firstHextets(address).join(':')}::/64` : address;
}

/** The first four groups of an IPv6 address, without leading zeros. */
function firstHextets(address: string): string[] {
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const missing = Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(address.includes('::') ? missing : 0).fill('0')];
  return [...groups, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
}
