import { controlCommand } from './control-command.ts';

/** Stops one process, starts it, and waits until it is ready. */
export const run = controlCommand('restart');
