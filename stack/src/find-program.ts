import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { FindProgram } from './native-plan.ts';

/** The first file on the PATH that may be executed under this name. */
export async function findOnPath(
  name: string,
  path = process.env.PATH ?? '',
): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder && found) return file;
  }
  return undefined;
}

/** Finds the programs of the stack. */
export const findProgram: FindProgram = async (name) => {
  const path = await findOnPath(name);
  return path ? { path } : { reason: `no program "${name}" is on the PATH`, installable: false };
};
