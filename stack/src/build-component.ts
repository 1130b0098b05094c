import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtFolder, cacheFolder, linkerFlags, sourceFolder } from './component-cache.ts';
import type { Binary, Component } from './components.ts';
import { StackError } from './errors.ts';
import { isPinnedVersion } from './find-component.ts';
import type { GoToolchain } from './go-toolchain.ts';

const TAIL_LINES = 8;
const UNFINISHED = '.building-';

export interface BuildOptions {
  readonly go: GoToolchain;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the build; nothing of it stays. */
  readonly signal: AbortSignal;
  /** Told each line that Go prints: a package it compiled, a module it fetches, an error. */
  readonly onLine: (line: string) => void;
}

/** A build went wrong. `fatal`: the next one would go wrong in the same way. */
export class BuildError extends StackError {
  readonly log: string;
  readonly fatal: boolean;

  constructor(message: string, log: string, fatal: boolean) {
    super(message);
    this.log = log;
    this.fatal = fatal;
  }
}

/**
 * Builds all programs of a component into the cache. They appear there together or not at all.
 *
 * @returns the folder that holds them.
 * @throws BuildError in one sentence, with the end of Go's output and the path of all of it.
 */
export async function buildComponent(component: Component, options: BuildOptions): Promise<string> {
  const target = builtFolder(component, options.environment);
  const log = join(cacheFolder(options.environment), 'logs', `${component.name}.log`);
  await mkdir(dirname(target), { recursive: true });
  await mkdir(dirname(log), { recursive: true });
  await rm(log, { force: true });
  await removeUnfinished(dirname(target));
  const unfinished = await mkdtemp(join(dirname(target), `${UNFINISHED}${process.pid}-`));
  try {
    for (const binary of component.binaries) {
      await goBuild(component, binary, join(unfinished, binary.name), log, options);
    }
    // Another installation may have been faster: its programs are the same.
    if (!existsSync(target)) await rename(unfinished, target);
    return target;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Removes what builds that were killed have left. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = new RegExp(`^\\${UNFINISHED}(\\d+)-`).exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(join(folder, name), { recursive: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function goBuild(
  component: Component,
  binary: Binary,
  output: string,
  log: string,
  { go, environment, signal, onLine }: BuildOptions,
): Promise<void> {
  const flags = ['-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(component)];
  if (component.tags.length > 0) flags.push('-tags', component.tags.join(','));
  const child = spawn(go.path, ['build', ...flags, '-o', output, binary.package], {
    cwd: sourceFolder(component),
    env: { ...environment, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop, { once: true });
  const file = createWriteStream(log, { flags: 'a' });
  // A full disk must not hide what Go says about it.
  file.on('error', () => {});
  const tail: string[] = [];
  const read = (line: string) => {
    file.write(`${line}\n`);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', read);
  }
  let failure: string | undefined;
  try {
    const [code, killedBy] = await once(child, 'close');
    if (code !== 0)
      failure = killedBy ? `Go was ended by ${killedBy}` : `Go ended with code ${code}`;
  } catch (error) {
    failure = `Go did not start: ${(error as Error).message}`;
  } finally {
    signal.removeEventListener('abort', stop);
    await new Promise((resolve) => file.end(resolve));
  }
  signal.throwIfAborted();
  if (failure) throw buildError(component, failure, tail, log, go);
  if (!(await isPinnedVersion(output, component, binary))) {
    throw new BuildError(
      `${binary.name} was built, but it does not say that it is version ${component.version}. Its pin in stack/components/${component.name} and stack/src/components.ts must agree.`,
      log,
      false,
    );
  }
}

/** Says what to do about Go's output. */
function buildError(
  { name }: Component,
  failure: string,
  tail: readonly string[],
  log: string,
  go: GoToolchain,
): BuildError {
  const output = tail.join('\n');
  const fail = (advice: string, fatal: boolean) =>
    new BuildError(
      `${name} was not built (${failure}): ${advice}\n${tail.map((line) => `    ${line}`).join('\n')}\n  All of it: ${log}`,
      log,
      fatal,
    );
  if (/no space left on device|disk quota exceeded/i.test(output)) {
    return fail(
      `the disk is full. Free some space (go clean -cache empties ${go.cache}), then run npm run stack:install again.`,
      true,
    );
  }
  if (
    /dial tcp|no such host|i\/o timeout|connection re(set|fused)|TLS handshake|proxyconnect/i.test(
      output,
    )
  ) {
    return fail(
      `Go modules could not be fetched from ${go.proxy}. Check the network, or set GOPROXY to a proxy you can reach, then run npm run stack:install again.`,
      true,
    );
  }
  if (/signal: killed|cannot allocate memory|ended by SIGKILL/i.test(`${output}\n${failure}`)) {
    return fail(
      `the machine ran out of memory. Close other programs, or build one package at a time with GOMAXPROCS=1, then run npm run stack:install again.`,
      false,
    );
  }
  return fail(
    `this is what Go said last. Run npm run stack:install -- ${name} to try it again.`,
    false,
  );
}
