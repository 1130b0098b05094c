import { componentOf } from './components.ts';
import { findComponent, findOnPath } from './find-component.ts';
import type { Variables } from './interpolate.ts';
import type { FindProgram } from './native-plan.ts';

/** Finds the stack's own programs in their pinned versions, and any other on the PATH. */
export function programFinder(environment: Variables): FindProgram {
  return async (name) => {
    if (componentOf(name)) return findComponent(name, environment);
    const path = await findOnPath(name, environment.PATH);
    return path ? { path } : { reason: `no program "${name}" is on the PATH`, installable: false };
  };
}
