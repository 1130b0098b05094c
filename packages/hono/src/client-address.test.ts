import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from 'hono';
import { clientAddress, clientNetwork } from './client-address.ts';

function request(remoteAddress: string | undefined, forwarded?: string): Context {
  const env = remoteAddress === undefined ? {} : { incoming: { socket: { remoteAddress } } };
  const header = (name: string) => (name === 'x-forwarded-for' ? forwarded : undefined);
  return { env, req: { header } } as unknown as Context;
}

test('the address is that of the connection, whatever the client claims', () => {
  assert.equal(clientAddress(request('192.0.2.1', '198.51.100.7')), '192.0.2.1');
  assert.equal(clientAddress(request(undefined, '198.51.100.7')), 'unknown');
});

test('behind proxies it is what the outermost of them saw', () => {
  const claimed = '10.9.9.9, 198.51.100.7, 203.0.113.2';
  assert.equal(clientAddress(request('192.0.2.1', claimed), 1), '203.0.113.2');
  assert.equal(clientAddress(request('192.0.2.1', claimed), 2), '198.51.100.7');
  assert.equal(clientAddress(request('192.0.2.1', '2001:db8::1'), 1), '2001:db8::1');
});

test('a header that tells no address is passed over', () => {
  assert.equal(clientAddress(request('192.0.2.1', undefined), 1), '192.0.2.1');
  assert.equal(clientAddress(request('192.0.2.1', 'nobody'), 1), '192.0.2.1');
  assert.equal(clientAddress(request('192.0.2.1', '198.51.100.7'), 2), '192.0.2.1');
});

test('an IPv6 host is its network, of which it may take any address', () => {
  const networks: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ];
  for (const [address, network] of networks) assert.equal(clientNetwork(address), network, address);
});
