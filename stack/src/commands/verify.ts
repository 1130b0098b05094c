import { verify } from '../verify/verify.ts';

/** Counts how many failures lead to their trace, their log lines and their metric. */
export async function run(args: readonly string[]): Promise<number> {
  return (await verify(args)) ? 0 : 1;
}
