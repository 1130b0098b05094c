/**
 * The control endpoints: faults are set, shown, renewed and ended.
 *
 * @module
 */
import { mountFaultRoutes, type Service } from '@breakwater/kit';
import { fault, faultRequest } from '../fault.ts';
import type { Faults } from '../faults.ts';

/** Adds the routes of `/faults` to the operational app, for holders of the token. */
export function mountFaults({ operations }: Service, faults: Faults, controlToken: string): void {
  const control = {
    request: faultRequest,
    fault,
    add: faults.add.bind(faults),
    renew: faults.renew.bind(faults),
    list: faults.list.bind(faults),
    remove: faults.remove.bind(faults),
    clear: faults.clear.bind(faults),
  };
  mountFaultRoutes(operations, control, controlToken);
}
