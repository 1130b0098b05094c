import { StackError } from './errors.ts';

/** Something that needs others to be there first. */
export interface Dependent {
  readonly name: string;
  readonly dependsOn: Readonly<Record<string, unknown>>;
}

/**
 * Puts everything behind what it depends on; otherwise the given order stays.
 *
 * A dependency that is not in the list is taken as there already.
 *
 * @throws StackError naming the entries that depend on each other in a circle.
 */
export function dependencyOrder<T extends Dependent>(list: readonly T[]): T[] {
  const byName = new Map(list.map((item) => [item.name, item]));
  const ordered = new Set<T>();
  const visit = (item: T, path: readonly string[]) => {
    if (ordered.has(item)) return;
    const circle = path.indexOf(item.name);
    if (circle >= 0) {
      const names = [...path.slice(circle), item.name].join(' -> ');
      throw new StackError(`these entries wait for each other: ${names}`);
    }
    for (const name of Object.keys(item.dependsOn)) {
      const dependency = byName.get(name);
      if (dependency) visit(dependency, [...path, item.name]);
    }
    ordered.add(item);
  };
  for (const item of list) visit(item, []);
  return [...ordered];
}
