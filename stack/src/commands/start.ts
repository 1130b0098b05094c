import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type Choice, describeChoice, describeRemedy } from '../choose-backends.ts';
import { serveControl } from '../control.ts';
import { DemoTraffic } from '../demo/demo-traffic.ts';
import { loadEnvironment } from '../environment.ts';
import { inflict } from '../faults/inflict.ts';
import { StackFaults } from '../faults/stack-faults.ts';
import { programFinder } from '../find-program.ts';
import { followLogs } from '../follow-log.ts';
import type { Variables } from '../interpolate.ts';
import { prepareStack } from '../prepare-stack.ts';
import { StackPaths } from '../stack-paths.ts';
import { consoleAddress, describeReady, describeSkipped, lacksLogBackend } from '../summary.ts';
import type { Supervisor } from '../supervisor.ts';
import { parseStartOptions } from './options.ts';

/** A terminal's Ctrl-C arrives twice, from the terminal and from npm; later ones are meant. */
const SAME_SIGNAL_MS = 1000;

/** npm passes on a Ctrl-C, but neither a SIGTERM nor, of course, a SIGKILL. */
const LOOK_FOR_NPM_MS = 250;

/** Message from a stack in the background to the command that started it. */
export type StartMessage = { said: string } | { ready: true } | { failed: string };

/** Runs the stack until it is told to stop. */
export async function run(args: readonly string[]): Promise<number> {
  const { file, backends } = parseStartOptions(args);
  const report = (sentence: string) => {
    process.stderr.write(`${sentence}\n`);
    tell({ said: sentence });
  };
  // A terminal that has gone must not take the stack's orderly end with it.
  process.stderr.on('error', () => undefined);
  try {
    process.chdir(dirname(file));
    const consoleToken = randomBytes(18).toString('base64url');
    const environment = { CONSOLE_TOKEN: consoleToken, ...loadEnvironment(dirname(file)) };
    const { supervisor, choice } = await prepareStack({
      file,
      environment,
      find: programFinder(environment),
      report,
      backends,
    });
    await supervise(supervisor, choice, environment, new StackPaths(dirname(file)), report);
    return 0;
  } catch (error) {
    tell({ failed: (error as Error).message });
    throw error;
  } finally {
    if (process.connected) process.disconnect();
  }
}

async function supervise(
  supervisor: Supervisor,
  choice: Choice,
  environment: Variables,
  paths: StackPaths,
  report: (sentence: string) => void,
): Promise<void> {
  const { state } = supervisor;
  const signals = stopOnSignal(supervisor, report);
  const remedy = choice.backends === 'embedded' ? describeRemedy(choice, environment) : undefined;
  for (const sentence of [describeChoice(choice), ...describeSkipped(state)]) {
    if (sentence) report(sentence);
  }
  const demo = new DemoTraffic(() => supervisor.state, environment, paths.demoPause);
  demo.start();
  const services = state.processes.filter(({ isService }) => isService);
  using _ = followLogs(lacksLogBackend(state) ? services : [], (line) => {
    process.stdout.write(`${line}\n`);
  });
  const faults = new StackFaults((request) => inflict(supervisor, request));
  const control = serveControl(
    paths.controlSocket,
    (action, name) => {
      if (action === 'stop') return supervisor.stopProcess(name);
      if (action === 'kill') return supervisor.killProcess(name);
      return supervisor.restartProcess(name);
    },
    faults,
  );
  try {
    await supervisor.start();
    report(describeReady(supervisor.state));
    tellConsole(supervisor, environment);
    const advice = await remedy;
    if (advice) report(advice);
    if (demo.wanted) report('Demo traffic is on; DEMO_TRAFFIC=off leaves it out.');
    tell({ ready: true });
    await signals.stopped;
  } catch (error) {
    if (!signals.received()) throw error;
    await signals.stopped;
  } finally {
    demo.stop();
    faults.close();
    control.close();
    control.closeAllConnections();
  }
}

/**
 * Stops the stack at the first signal and kills it at the second.
 *
 * Also stops it when `npm start` ends, or when the command that starts it in the background ends
 * before it is ready; and leaves nothing behind whatever ends this process, SIGKILL excepted.
 */
function stopOnSignal(supervisor: Supervisor, report: (sentence: string) => void) {
  let first: number | undefined;
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = (why: string) => {
      if (first === undefined) {
        first = performance.now();
        report(`Stopping everything (${why}). Once more kills it.`);
        supervisor.stop().then(resolve, reject);
      } else if (performance.now() - first > SAME_SIGNAL_MS) {
        report('Killing everything.');
        supervisor.killAll();
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    if (process.env.npm_lifecycle_event && !process.connected) {
      const npm = process.ppid;
      const look = () => {
        if (process.ppid !== npm && first === undefined) stop('npm has ended');
      };
      setInterval(look, LOOK_FOR_NPM_MS).unref();
    }
    if (process.connected) {
      process.once('disconnect', () => {
        if (supervisor.state.phase === 'starting') stop('the command that started it has ended');
      });
    }
  });
  process.on('exit', () => supervisor.killAll());
  return { stopped, received: () => first !== undefined };
}

/** The token is for whoever started the stack, and for no log: a stack in the background has one. */
function tellConsole({ state }: Supervisor, { CONSOLE_TOKEN }: Variables): void {
  const url = consoleAddress(state);
  if (!url) return;
  const sentence = `Open ${url}/#token=${encodeURIComponent(CONSOLE_TOKEN ?? '')}`;
  if (process.connected) tell({ said: sentence });
  else process.stderr.write(`${sentence}\n`);
}

function tell(message: StartMessage): void {
  if (process.connected) process.send?.(message);
}
