import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { StateFile } from '../state-file.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A tiny service: ready at once, and says when it starts and stops. */
const SERVER = `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const { NAME, HOST, PORT } = process.env;
const say = (what) => appendFileSync('events.txt', NAME + ' ' + what + '\\n');
const server = createServer((_, response) => response.end('ok'));
server.listen(PORT, HOST, () => say('listens'));
process.on('SIGTERM', () => {
  say('stops');
  server.close();
  server.closeAllConnections();
});
`;

/** One run of the command line. */
export class ToyCommand {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcessByStdio<null, Readable, Readable>) {
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Waits until it has said something on its standard error. */
  async said(text: string): Promise<void> {
    while (!this.stderr.includes(text)) {
      await once(this.child.stderr, 'data', { signal: AbortSignal.timeout(10_000) });
    }
  }

  /** Waits for its end. @returns its exit code */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

/** A stack of tiny services in a folder of its own. */
export class ToyStack {
  readonly folder: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly #commands = new Set<ToyCommand>();

  private constructor(folder: string, ports: Record<string, number>) {
    this.folder = folder;
    this.ports = ports;
  }

  /**
   * Writes the compose file.
   *
   * @param needs - for each service, in order, the one that must be ready before it
   * @param extra - more entries, as YAML indented by two blanks
   */
  static async create(needs: Record<string, string | undefined>, extra = ''): Promise<ToyStack> {
    const folder = await mkdtemp(join(tmpdir(), 'toy-stack-'));
    const ports: Record<string, number> = {};
    const entries: string[] = [];
    for (const [name, need] of Object.entries(needs)) {
      ports[name] = await freePort();
      const port = `\${${name.toUpperCase()}_PORT:-${ports[name]}}`;
      entries.push(`  ${name}:
    build: .
    command: node server.mjs
    restart: unless-stopped
    ports: ['127.0.0.1:${port}:${port}']
    environment: { NAME: ${name}, HOST: '\${LISTEN_HOST:-0.0.0.0}', PORT: '${port}' }
    depends_on: {${need ? ` ${need}: { condition: service_healthy } ` : ''}}`);
    }
    await writeFile(join(folder, 'server.mjs'), SERVER);
    await writeFile(
      join(folder, 'docker-compose.yml'),
      `services:\n${entries.join('\n')}\n${extra}\n`,
    );
    return new ToyStack(folder, ports);
  }

  /** Runs one command of the stack to its end. */
  async run(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const command = this.begin(...words);
    const code = await command.ended();
    return { code, stdout: command.stdout, stderr: command.stderr };
  }

  /** Starts one command and leaves it running. */
  begin(...words: string[]): ToyCommand {
    const child = spawn(process.execPath, [MAIN, ...words, '--file', 'docker-compose.yml'], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = new ToyCommand(child);
    this.#commands.add(command);
    return command;
  }

  /** Starts the stack in the foreground as npm does: with a parent that may end first. */
  beginUnderNpm(): ToyCommand {
    const words = [process.execPath, MAIN, 'start', '--file', 'docker-compose.yml'];
    const child = spawn('sh', ['-c', '"$@" & wait', 'sh', ...words], {
      cwd: this.folder,
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = new ToyCommand(child);
    this.#commands.add(command);
    return command;
  }

  /** What the services have done, in order. */
  async events(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'events.txt'), 'utf8').catch(() => '');
    return text.trim().split('\n');
  }

  get state() {
    return new StateFile(join(this.folder, '.stack', 'state.json')).read();
  }

  /** Identities of the services that are recorded as running. */
  get processes() {
    return (this.state?.processes ?? []).flatMap(({ process }) => (process ? [process] : []));
  }

  /** Ends everything and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#commands) child.kill('SIGKILL');
    await this.run('down');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
