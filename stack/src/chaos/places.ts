import { dirname, join } from 'node:path';
import { type ComposeFile, type Entry, readComposeFile } from '../compose-file.ts';
import { loadEnvironment } from '../environment.ts';
import { StackError } from '../errors.ts';
import { nativeVariables } from '../native-plan.ts';
import { metricsPorts } from '../scrape-targets.ts';
import { StackPaths } from '../stack-paths.ts';

/** Where everything of a stack is, on this machine. */
export class Places {
  readonly paths: StackPaths;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #file: ComposeFile;

  private constructor(file: ComposeFile, env: Readonly<Record<string, string | undefined>>) {
    this.#file = file;
    this.env = env;
    this.paths = new StackPaths(file.root);
  }

  /** Reads the list of processes. @throws StackError when there is none, or it cannot be read. */
  static async of(composeFile: string): Promise<Places> {
    const env = loadEnvironment(dirname(composeFile));
    return new Places(
      await readComposeFile(composeFile, (names) => nativeVariables(names, env)),
      env,
    );
  }

  /**
   * Where an entry is reached: `<NAME>_URL`, or its first port.
   *
   * @throws StackError when it is not on this machine: faults and load go nowhere else.
   */
  url(name: string): string {
    return this.#local(name, 'URL', (entry) => entry.ports[0]?.port);
  }

  /**
   * Where a service tells about itself and is steered: `<NAME>_OPERATIONS_URL`, or the port of its
   * metrics.
   *
   * @throws StackError as {@link url}
   */
  operationsUrl(name: string): string {
    return this.#local(name, 'OPERATIONS_URL', (entry) => metricsPorts(entry)[0]);
  }

  #local(name: string, suffix: string, portOf: (entry: Entry) => number | undefined): string {
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_${suffix}`;
    const entry = this.#file.entries.get(name);
    const port = entry && portOf(entry);
    if (port === undefined) throw new StackError(`docker-compose.yml has no entry "${name}".`);
    const url = this.env[variable] ?? `http://127.0.0.1:${port}`;
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) {
      throw new StackError(`${variable} names another machine; chaos stays on this one.`);
    }
    return url;
  }

  /** Names of our own services. */
  get services(): string[] {
    return [...this.#file.entries.values()].filter((e) => e.isService).map(({ name }) => name);
  }

  get controlToken(): string {
    return this.env.CONTROL_TOKEN || 'breakwater-dev';
  }

  /** Folder that services write their lines to when they run here, as their volume says. */
  get serviceLogs(): string {
    return join(this.paths.folder, this.#file.volumes.get('service-logs') ?? 'logs/services');
  }

  /** What was injected and not yet undone, on disk. */
  get undoFile(): string {
    return join(this.paths.folder, 'chaos-undo.json');
  }
}
