import { controlCommand } from './control-command.ts';

/** Stops one process until it is restarted. */
export const run = controlCommand('stop');
