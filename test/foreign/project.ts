/**
 * A project of somebody else: outside of this repository, with a Node.js of its own, and nothing of
 * ours but what `npm pack` gives.
 *
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The versions of Node.js that are tried, as npm has them. */
export const NODES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' } as const;
export type NodeMajor = keyof typeof NODES;

/** What a project is made of. */
export interface ProjectOptions {
  readonly node: NodeMajor;
  /** Arguments of `npm install`: tarballs, and names with exact versions. */
  readonly packages: readonly string[];
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project that is installed. `await using` removes it. */
export class ForeignProject implements AsyncDisposable {
  readonly folder: string;
  readonly node: string;
  readonly #running = new Set<ChildProcess>();

  private constructor(folder: string, node: string) {
    this.folder = folder;
    this.node = node;
  }

  /**
   * Make a project in a folder of its own and install what it wants.
   *
   * @throws when npm does not succeed, with what it said.
   */
  static async create({ node, packages, files = {} }: ProjectOptions): Promise<ForeignProject> {
    const root = mkdtempSync(join(tmpdir(), 'foreign-'));
    const name = `node-linux-${process.arch}`;
    const runtime = join(root, 'runtime');
    const folder = join(root, 'app');
    for (const each of [runtime, folder]) {
      mkdirSync(each);
      const manifest = { name: 'foreign', private: true, type: 'module' };
      writeFileSync(join(each, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    }
    const project = new ForeignProject(folder, join(runtime, 'node_modules', name, 'bin/node'));
    try {
      await install(runtime, [`${name}@${NODES[node]}`], process.env.PATH ?? '');
      project.write(files);
      await install(folder, packages, project.#path());
    } catch (error) {
      await project[Symbol.asyncDispose]();
      throw error;
    }
    return project;
  }

  /** Write files, by path below the project. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  /** The names of all packages that are installed, with their scopes. */
  installed(): string[] {
    const manifests = globSync('**/node_modules/{*,@*/*}/package.json', { cwd: this.folder });
    return manifests.map((file) => dirname(file).split('node_modules/').at(-1) as string).sort();
  }

  /** Run the project's Node.js to its end. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const options = { cwd: this.folder, env: this.#env(env), timeout: 60_000 };
    try {
      return { code: 0, ...(await run(this.node, args, options)) };
    } catch (error) {
      return error as Ended;
    }
  }

  /**
   * Start the project's Node.js with a program that goes on.
   *
   * @param ready what a line of its output says when it listens.
   * @returns the match, and the lines of its output and errors, which become more.
   * @throws when the program ends before.
   */
  async start(
    args: readonly string[],
    ready: RegExp,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ match: RegExpExecArray; lines: readonly string[]; stop: () => Promise<void> }> {
    const child = spawn(this.node, args, {
      cwd: this.folder,
      env: this.#env(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    const lines: string[] = [];
    const match = await new Promise<RegExpExecArray>((resolve, reject) => {
      const onLine = (line: string) => {
        lines.push(line);
        const found = ready.exec(line);
        if (found) resolve(found);
      };
      for (const output of [child.stdout, child.stderr] as Readable[]) {
        createInterface(output).on('line', onLine);
      }
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${lines.join('\n')}`)));
    });
    return { match, lines, stop: () => this.#stop(child) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.#stop(child)));
    rmSync(dirname(this.folder), { recursive: true });
  }

  async #stop(child: ChildProcess): Promise<void> {
    this.#running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  #path(): string {
    return [dirname(this.node), process.env.PATH].join(delimiter);
  }

  /** Of our own environment only what a program needs at all. */
  #env(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: this.#path(), HOME: process.env.HOME, ...more };
  }
}

/** Install with the Node.js that comes first in `path`: npm chooses versions that run on it. */
async function install(folder: string, packages: readonly string[], path: string): Promise<void> {
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--ignore-scripts',
    '--loglevel=error',
  ];
  const args = ['install', '--save-exact', '--prefer-offline', ...quiet, ...packages];
  await run('npm', args, { cwd: folder, env: { ...process.env, PATH: path } });
}
