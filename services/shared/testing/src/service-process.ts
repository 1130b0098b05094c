/**
 * A service as it runs in earnest: a process of its own, telemetry started.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LogLine } from './test-telemetry.ts';

/** A service that listens, in a process of its own. */
export interface ServiceProcess {
  readonly name: string;
  readonly url: string;
  /** Where its operational listener is. */
  readonly operationsUrl: string;
  /** Where it serves gRPC, if it does. */
  readonly grpcUrl: string | undefined;
  readonly pid: number;
  /** Every line logged so far, oldest first. */
  readonly lines: LogLine[];
  /** Ends it and waits; SIGTERM asks it to stop cleanly, SIGKILL is a crash. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Whom clients ask; the others are asked by services only. */
const EDGES: ReadonlySet<string> = new Set(['gateway', 'console']);

/** A stack that runs beside the tests must not get their spans: nothing listens on port 9. */
const NOWHERE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

/** What a service is started from, where it is not the tree of the tests. */
export interface StartOptions {
  /** The root of another tree of the same repository. */
  readonly root?: string;
}

/**
 * Starts `services/<name>` with the environment given, on ports the system chooses unless `PORT`,
 * `OPERATIONS_PORT` and `GRPC_PORT` are in it, and waits until it listens. Its spans go nowhere.
 *
 * @throws Error with what the process logged when it ends instead.
 */
export async function startService(
  name: string,
  env: Readonly<Record<string, string>>,
  { root = ROOT }: StartOptions = {},
): Promise<ServiceProcess> {
  const child = spawn(
    process.execPath,
    ['--import', './otel/node/src/register.ts', `services/${name}/src/main.ts`],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        OPERATIONS_PORT: '0',
        GRPC_PORT: '0',
        TRUST: EDGES.has(name) ? 'edge' : 'internal',
        ...NOWHERE,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  // A test that is cut short must not leave its services behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const lines: LogLine[] = [];
  let errors = '';
  let grpcUrl: string | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000);
  });

  const { url, operationsUrl } = await new Promise<Listening>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = parse(text);
      lines.push(line);
      grpcUrl ??= line.message.match(/serves gRPC on (http:\S+)/)?.[1];
      const found = line.message.match(/listens on (http:\S+)/)?.[1];
      if (found) resolve({ url: found, operationsUrl: String(line.operations) });
    });
    ended.then(([code, signal]) => {
      const log = lines.map(({ message }) => message).join('\n');
      reject(new Error(`${name} ended (${code ?? signal}) before it listened:\n${log}\n${errors}`));
    }, reject);
  });

  return {
    name,
    url,
    operationsUrl,
    grpcUrl,
    pid: child.pid as number,
    lines,
    async stop(signal = 'SIGTERM') {
      process.off('exit', kill);
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

/** Where a service said that it listens. */
interface Listening {
  readonly url: string;
  readonly operationsUrl: string;
}

/** What is not JSON was not logged by the service's logger; it is kept as it is. */
function parse(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    return { level: 'stdout', message: text };
  }
}
