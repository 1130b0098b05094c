import { readFileSync } from 'node:fs';
import { StackError } from '../errors.ts';
import type { StackFaultRequest } from './stack-fault.ts';
import type { Inflicted } from './stack-faults.ts';

/** A proxy as toxiproxy tells of it. */
interface ToxiproxyProxy {
  readonly name: string;
  readonly listen: string;
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string }[];
}

const TOXIC = 'breakwater';
const TIMEOUT_MS = 2_000;

/** What each kind is to toxiproxy; `down` is no toxic but the proxy's own switch. */
const TOXICS = {
  latency: (latencyMs: number) => ({ type: 'latency', attributes: { latency: latencyMs } }),
  reset: () => ({ type: 'reset_peer', attributes: { timeout: 0 } }),
  timeout: () => ({ type: 'timeout', attributes: { timeout: 0 } }),
} as const;

/**
 * Disturbs what passes a proxy. It has landed when the proxy is disturbed and something goes through
 * it: services that do not would notice nothing.
 *
 * @throws StackError when toxiproxy does not answer or has no such proxy.
 */
export async function inflictOnNetwork(
  toxiproxyUrl: string,
  { kind, target, latency_ms = 0 }: StackFaultRequest,
): Promise<Inflicted> {
  const path = `/proxies/${encodeURIComponent(target)}`;
  const ask = (method: string, where: string, body?: object) =>
    askToxiproxy(toxiproxyUrl, method, where, body);
  const { listen } = (await ask('GET', path)) as ToxiproxyProxy;
  const port = Number(listen.split(':').at(-1));
  let used = connectionsTo(port);
  if (kind === 'down') await ask('POST', path, { enabled: false });
  else {
    const toxic = TOXICS[kind as keyof typeof TOXICS](latency_ms);
    await ask('POST', `${path}/toxics`, { name: TOXIC, stream: 'downstream', ...toxic });
  }
  return {
    async look() {
      const proxy = (await ask('GET', path)) as ToxiproxyProxy;
      const there =
        kind === 'down' ? !proxy.enabled : proxy.toxics.some(({ name }) => name === TOXIC);
      if (!there) return { landed: false, proof: `the proxy ${target} is not disturbed` };
      // What is reset or refused may have no connection any more, but had one.
      used = Math.max(used, connectionsTo(port));
      return used > 0
        ? { landed: true, proof: `${used} connections met the disturbed proxy ${target}` }
        : { landed: false, proof: `nothing goes through the proxy ${target}: NETWORK_FAULTS=on?` };
    },
    async undo() {
      if (kind === 'down') await ask('POST', path, { enabled: true });
      else await ask('DELETE', `${path}/toxics/${TOXIC}`);
    },
  };
}

const ESTABLISHED = '01';

/** Connections of this machine to one of its ports; see proc(5), /proc/net/tcp. */
function connectionsTo(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['tcp', 'tcp6']
    .flatMap((table) => linesOf(`/proc/net/${table}`))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , address, state]) => address?.endsWith(remote) && state === ESTABLISHED).length;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function askToxiproxy(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => {
    throw new StackError(`toxiproxy does not answer at ${url}; see npm run stack -- status.`);
  });
  const text = await response.text();
  if (response.status === 404 && method !== 'DELETE') {
    throw new StackError(`toxiproxy has no such proxy: ${path}.`);
  }
  if (!response.ok && response.status !== 404) {
    throw new StackError(`toxiproxy answered ${response.status} to ${method} ${path}: ${text}`);
  }
  return text ? JSON.parse(text) : undefined;
}
