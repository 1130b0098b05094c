import { explain } from '../explain/explain.ts';

/** Tells the story of one request. */
export function run(args: readonly string[]): Promise<number> {
  return explain(args);
}
