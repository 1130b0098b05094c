import { describeBlockedPort, describeSharedPorts, findBlockedPorts } from './busy-ports.ts';
import { type Choice, chooseBackends } from './choose-backends.ts';
import { type ComposeFile, readComposeFile } from './compose-file.ts';
import { StackError } from './errors.ts';
import type { Variables } from './interpolate.ts';
import { endLeftovers } from './leftovers.ts';
import { type FindProgram, nativeVariables, planNatively } from './native-plan.ts';
import { isAlive } from './process-identity.ts';
import { proxiesOf, proxyVariables, writeProxies } from './proxies.ts';
import { scrapeTargets, writeScrapeTargets } from './scrape-targets.ts';
import { StackPaths } from './stack-paths.ts';
import { stackVariables } from './stack-variables.ts';
import { type Backends, StateFile } from './state-file.ts';
import { type Report, Supervisor } from './supervisor.ts';

/** What a stack is made from. */
export interface StackOptions {
  /** Absolute path of the compose file. */
  readonly file: string;
  readonly environment: Variables;
  readonly find: FindProgram;
  readonly report: Report;
  /** Where telemetry is kept, whatever is installed. */
  readonly backends?: Backends | undefined;
}

/** A stack that can be started. */
export interface PreparedStack {
  readonly supervisor: Supervisor;
  readonly choice: Choice;
}

/**
 * Makes everything ready for a start: reads the list, cleans up after a killed run, checks the
 * ports, and records this run.
 *
 * Nothing has been started when this fails.
 *
 * @throws StackError saying what is in the way and what to do.
 */
export async function prepareStack(options: StackOptions): Promise<PreparedStack> {
  const { environment, report } = options;
  const { networkFaults } = stackVariables(environment);
  const file = await readNatively(options.file, environment, networkFaults);
  const paths = new StackPaths(file.root);
  const stateFile = new StateFile(paths.state);
  await clearAway(stateFile, report);

  const choice = await chooseBackends(file, environment, options.find, options.backends);
  const plan = await planNatively(file, paths, environment, options.find, choice.backends);
  const entries = plan.entries.map(({ entry }) => entry);
  if (networkFaults && proxiesOf(file).length > 0) {
    const there = entries.some(({ proxies }) => proxies.length > 0);
    if (!there) throw new StackError('NETWORK_FAULTS=on needs toxiproxy: npm run stack:install');
  }
  const blocked = (await findBlockedPorts(entries)).map(describeBlockedPort);
  const problems = [...describeSharedPorts(entries), ...blocked];
  if (problems.length > 0) throw new StackError(problems.join('\n'));

  const running: ComposeFile = { ...file, entries: new Map(entries.map((e) => [e.name, e])) };
  writeScrapeTargets(
    paths.targets,
    scrapeTargets(running, () => '127.0.0.1'),
  );
  writeProxies(paths.proxies, proxiesOf(running));
  const supervisor = new Supervisor(plan, paths, stateFile, report);
  if (!supervisor.claim()) throw alreadyRunning();
  return { supervisor, choice };
}

/** With `NETWORK_FAULTS=on` the traffic that there are proxies for goes through them. */
async function readNatively(
  path: string,
  environment: Variables,
  networkFaults: boolean,
): Promise<ComposeFile> {
  const direct = await readComposeFile(path, (names) => nativeVariables(names, environment));
  if (!networkFaults) return direct;
  const proxied = { ...proxyVariables(proxiesOf(direct), '127.0.0.1'), ...environment };
  return readComposeFile(path, (names) => nativeVariables(names, proxied));
}

/** Removes the record of a run whose supervisor is gone, with the processes it left. */
async function clearAway(stateFile: StateFile, report: Report): Promise<void> {
  const state = stateFile.read();
  if (state && isAlive(state.supervisor)) throw alreadyRunning();
  if (state) {
    const ended = await endLeftovers(state);
    const names = ended.map(({ name }) => name).join(', ');
    if (names) report(`The last run was killed; ended what it had left running: ${names}.`);
  }
  stateFile.remove();
}

function alreadyRunning(): StackError {
  return new StackError(
    'The stack is running already. "npm run stack -- status" shows it, "npm run stack -- down" stops it.',
  );
}
