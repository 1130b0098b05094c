import type { ProcessState, StackState } from './state-file.ts';

/** Entries without which a service's log lines can be read nowhere but here. */
const LOG_PATH = new Set(['collector', 'loki']);

/**
 * One sentence for all that an installation would add, and one for each other thing left out; none
 * where telemetry is embedded, which leaves things out on purpose.
 */
export function describeSkipped({
  backends,
  skipped,
}: Pick<StackState, 'skipped' | 'backends'>): string[] {
  if (backends === 'embedded') return [];
  const installable = skipped.filter((entry) => entry.installable).map(({ name }) => name);
  const others = skipped.filter((entry) => !entry.installable);
  const sentences = others.map(({ name, reason }) => `Without ${name}: ${reason}.`);
  if (installable.length > 0) {
    sentences.unshift(
      `Not installed, so running without: ${installable.join(', ')}. "npm run stack:install" adds them; it takes minutes, once.`,
    );
  }
  return sentences;
}

/** Where everything is, one line each. */
export function describeReady({ processes }: Pick<StackState, 'processes'>): string {
  const width = Math.max(...processes.map(({ name }) => name.length));
  const lines = processes.map((process) => `  ${process.name.padEnd(width)}  ${address(process)}`);
  return ['Everything is ready. Ctrl-C stops it.', ...lines].join('\n');
}

/** Whether the services' log lines do not get to Loki, so that the terminal should show them. */
export function lacksLogBackend({
  backends,
  skipped,
}: Pick<StackState, 'skipped' | 'backends'>): boolean {
  if (backends === 'embedded') return false;
  return skipped.some(({ name, installable }) => installable && LOG_PATH.has(name));
}

/** Where the console is, if it runs. */
export function consoleAddress({ processes }: Pick<StackState, 'processes'>): string | undefined {
  const console = processes.find(({ name }) => name === 'console');
  return console && address(console);
}

/** The address to open or connect to. */
export function address({ ports, ready }: ProcessState): string {
  const [port] = ports;
  if (port === undefined) return '';
  return ready?.startsWith('http') ? `http://127.0.0.1:${port}` : `127.0.0.1:${port}`;
}
