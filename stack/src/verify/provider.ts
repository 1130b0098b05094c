import { StackError } from '../errors.ts';
import { sleep } from './sleep.ts';

/** The payment provider's control. */
export interface Provider {
  /** Adds a fault to `POST /charges`; its lease ends it should `verify` be killed. */
  setFault(fault: object): Promise<void>;
  clearFaults(): Promise<void>;
  /** Whether the circuit that payments keeps for it is open. */
  isCircuitOpen(): Promise<boolean>;
}

/** Seconds. A run of 1000 requests takes about one minute. */
const LEASE_S = 600;
/** A circuit that is open probes again after 5 s, and wants two probes to succeed. */
const RECOVERY_MS = 30_000;
const POLL_MS = 500;

/** Controls the provider, and watches payments, at their operational listeners. */
export function provider(url: string, paymentsUrl: string, controlToken: string): Provider {
  const headers = { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' };
  const control = async (method: string, body: object | undefined) => {
    const response = await fetch(`${url}/faults`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (response.ok) return;
    throw new StackError(
      `the provider refused ${method} /faults with ${response.status}: is CONTROL_TOKEN right?`,
    );
  };
  return {
    setFault: (fault) => control('PUT', { route: 'POST /charges', for_s: LEASE_S, ...fault }),
    clearFaults: () => control('DELETE', undefined),
    async isCircuitOpen() {
      const response = await fetch(`${paymentsUrl}/breakers`);
      const { breakers } = (await response.json()) as {
        breakers: { name: string; state: string }[];
      };
      return breakers.some(({ name, state }) => name === 'provider' && state === 'open');
    },
  };
}

/**
 * Waits until orders succeed: circuits that are open, from before or from this run, close again.
 *
 * @throws {StackError} when they do not within half a minute.
 */
export async function waitForProvider(gatewayUrl: string): Promise<void> {
  const until = Date.now() + RECOVERY_MS;
  let inARow = 0;
  while (inARow < 3) {
    const ok = await placeOrder(gatewayUrl);
    inARow = ok ? inARow + 1 : 0;
    if (ok) continue;
    if (Date.now() > until) {
      throw new StackError(
        'orders keep failing although the provider has no faults; see npm run stack -- status',
      );
    }
    await sleep(POLL_MS);
  }
}

async function placeOrder(gatewayUrl: string): Promise<boolean> {
  const response = await fetch(`${gatewayUrl}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
  });
  await response.arrayBuffer();
  return response.ok;
}
