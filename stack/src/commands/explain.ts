import { explain } from '../explain/explain.ts';

/** Tells the story of one request. */
export async function run(args: readonly string[]): Promise<number> {
  await explain(args);
  return 0;
}
