/**
 * A stack of its own for a test: on ports beside the usual ones, with files changed on purpose.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { claimPorts } from './claim-ports.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** How a file of the repository reads in the test's stack. */
export type Edits = Readonly<Record<string, (text: string) => string>>;

/** What a command said and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that looks like the repository, with a stack that runs from it. */
export class TestStack {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #ports = claimPorts(Object.values(usualPorts()));

  /**
   * @param edits changes to files, by path from the repository's root
   * @param env variables for everything the stack starts
   */
  constructor(edits: Edits = {}, env: Readonly<Record<string, string>> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'breakwater-e2e-'));
    mirror('', this.root, edits);
    this.env = { ...movedPorts(this.#ports.offset), ...env };
  }

  /** The moved port behind a variable, such as `GATEWAY_PORT`. */
  port(variable: string): number {
    return Number(this.env[variable]);
  }

  url(variable: string): string {
    return `http://127.0.0.1:${this.port(variable)}`;
  }

  /** Folder that the services write their log files to. */
  get serviceLogs(): string {
    return join(this.root, '.stack/logs/services');
  }

  /** Starts everything and waits until it is ready. `words` go to `stack up`. */
  async up(...words: string[]): Promise<void> {
    const { code, stderr } = await this.command('up', '--file', this.composeFile, ...words);
    if (code !== 0) throw new Error(`the stack did not start:\n${stderr}`);
  }

  async stop(name: string): Promise<void> {
    await this.#control('stop', name);
  }

  async restart(name: string): Promise<void> {
    await this.#control('restart', name);
  }

  async kill(name: string): Promise<void> {
    await this.#control('kill', name);
  }

  /** Ids of the processes that run, by name. */
  async pids(): Promise<Record<string, number>> {
    const { stdout } = await this.command('status', '--json', '--file', this.composeFile);
    const status = JSON.parse(stdout) as { processes: { name: string; pid: number | null }[] };
    return Object.fromEntries(
      status.processes.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])),
    );
  }

  /** Stops everything and removes the folder. */
  async down(): Promise<void> {
    await this.command('down', '--file', this.composeFile);
    rmSync(this.root, { recursive: true, force: true });
    this.#ports.release();
  }

  get composeFile(): string {
    return join(this.root, 'docker-compose.yml');
  }

  /** Runs a command of the stack's command line. */
  command(...args: string[]): Promise<CommandResult> {
    const main = join(REPOSITORY, 'stack/src/main.ts');
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...this.env },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    return new Promise((done, reject) => {
      child.once('error', reject).once('close', (code) => done({ code, stdout, stderr }));
    });
  }

  async #control(command: string, name: string): Promise<void> {
    const { code, stderr } = await this.command(command, name, '--file', this.composeFile);
    if (code !== 0) throw new Error(`stack ${command} ${name} failed: ${stderr}`);
  }
}

/** Sets what the payment provider does wrong; nothing when undefined. */
export async function setFault(stack: TestStack, fault: object | undefined): Promise<void> {
  const url = `${stack.url('UNSTABLE_OPERATIONS_PORT')}/faults`;
  const authorization = 'Bearer breakwater-dev';
  await fetch(url, { method: 'DELETE', headers: { authorization } });
  if (!fault) return;
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(fault) });
  if (!response.ok) throw new Error(`the fault was refused: ${await response.text()}`);
}

/** Links everything of a folder, and descends only where something is edited. */
function mirror(folder: string, target: string, edits: Edits): void {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(join(REPOSITORY, folder))) {
    if (folder === '' && ['.stack', '.git'].includes(name)) continue;
    const path = join(folder, name);
    const edit = edits[path];
    const [source, copy] = [join(REPOSITORY, path), join(target, name)];
    if (edit) writeFileSync(copy, changed(path, readFileSync(source, 'utf8'), edit));
    else if (needsCopy(path, edits)) mirror(path, copy, edits);
    else symlinkSync(source, copy);
  }
}

/** The compose file's folder is the stack's root, so that one is always a file of its own. */
function needsCopy(path: string, edits: Edits): boolean {
  return Object.keys(edits).some((edited) => edited.startsWith(`${path}/`));
}

function changed(path: string, text: string, edit: (text: string) => string): string {
  const result = edit(text);
  if (result === text) throw new Error(`the edit of ${path} changed nothing`);
  return result;
}

/** Ports of the compose file, by the variable that moves each. */
function usualPorts(): Record<string, number> {
  const compose = readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8');
  const ports = compose.matchAll(/\$\{([A-Z_]+_PORT):-(\d+)\}/g);
  return Object.fromEntries([...ports].map(([, name, port]) => [name, Number(port)]));
}

function movedPorts(offset: number): Record<string, string> {
  const moved = Object.entries(usualPorts()).map(([name, port]) => [name, String(port + offset)]);
  return Object.fromEntries(moved);
}
