/**
 * Kills a service while it responds, and looks for the lines of what it responded to.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVICE = fileURLToPath(new URL('./span-service.ts', import.meta.url));
const REGISTER = import.meta.resolve('@breakwater/otel/register');
const CONNECTIONS = 16;

/** What became of the requests of one life of the service. */
export interface Killed {
  /** Requests whose response came, whole or in part. */
  readonly answered: number;
  /** Of these, the ids of those that have no line. */
  readonly missing: readonly string[];
}

/**
 * Starts a service, and kills it with SIGKILL as soon as so many responses have come.
 *
 * @param responses from 1 on
 */
export async function killUnderLoad(responses: number): Promise<Killed> {
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-killed-'));
  try {
    const child = fork(SERVICE, {
      execArgv: ['--import', REGISTER],
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: 'killed',
        OTEL_TRACES_EXPORTER: 'none',
        LOG_DIR: directory,
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [port] = await once(child, 'message');
    const answered = new Set<string>();
    const load = Array.from({ length: CONNECTIONS }, (_, i) =>
      converse(port, `c${i}`, (id) => {
        answered.add(id);
        if (answered.size === responses) child.kill('SIGKILL');
      }),
    );
    await once(child, 'exit');
    await Promise.all(load);
    const lines = readFileSync(join(directory, 'killed.log'), 'utf8').split('\n');
    const logged = new Set(lines.map((line) => /"request_id":"([^"]+)"/.exec(line)?.[1]));
    return { answered: answered.size, missing: [...answered].filter((id) => !logged.has(id)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Sends one request after the other until the connection breaks, and tells of each response. */
async function converse(port: number, name: string, answered: (id: string) => void): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  let count = 0;
  const send = () =>
    socket.write(
      `GET ${count % 5 === 4 ? '/failed/rule' : '/items/1'} HTTP/1.1\r\nhost: x\r\nx-request-id: ${name}-${count++}\r\n\r\n`,
    );
  socket.on('error', () => undefined).once('connect', send);
  socket.on('data', (chunk: string) => {
    for (const [, id] of chunk.matchAll(/x-request-id: (\S+)/gi)) {
      answered(id as string);
      send();
    }
  });
  await new Promise((resolve) => socket.once('close', resolve));
}
