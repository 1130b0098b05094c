import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ComposeFile, Entry } from './compose-file.ts';
import type { StackPaths } from './stack-paths.ts';

/**
 * The file system of a container, as far as its entry mounts something: a folder of links that
 * stand where the mounts would be. A path in the container is then a path below that folder, and
 * the entry's own command line and configuration work as they are.
 */
export class ContainerRoot {
  readonly #entry: Entry;
  readonly #file: ComposeFile;
  readonly #paths: StackPaths;
  readonly #replaced: ReadonlyMap<string, string>;

  /** @param replaced - sources, as the compose file writes them, that another path stands for */
  constructor(
    entry: Entry,
    file: ComposeFile,
    paths: StackPaths,
    replaced: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#entry = entry;
    this.#file = file;
    this.#paths = paths;
    this.#replaced = replaced;
  }

  /** Creates the links, and the folders that stand for named volumes. */
  create(): void {
    const root = this.#paths.containerRoot(this.#entry.name);
    rmSync(root, { recursive: true, force: true });
    for (const { source, target } of this.#entry.mounts) {
      const link = join(root, target);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(this.#source(source), link);
    }
  }

  /** Replaces container paths in a command's word or a variable's value by local ones. */
  localise(text: string): string {
    if (this.#entry.mounts.length === 0) return text;
    const root = this.#paths.containerRoot(this.#entry.name);
    const targets = this.#entry.mounts.map(({ target }) => target.replace(/\W/g, '\\$&')).join('|');
    const mounted = new RegExp(`(?<=^|[=:,])(?:${targets})(?=$|[/:,])`, 'g');
    return text.replace(mounted, (target) => `${root}${target}`);
  }

  #source(source: string): string {
    const volume = this.#file.volumes.get(source);
    if (volume === undefined) return resolve(this.#file.root, this.#replaced.get(source) ?? source);
    const folder = join(this.#paths.folder, volume);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}
