import { controlCommand } from './control-command.ts';

/** Ends one process as a crash would; it comes back by itself when its entry says so. */
export const run = controlCommand('kill');
