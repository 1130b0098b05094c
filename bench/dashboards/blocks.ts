/**
 * Blocks of Prometheus, made by promtool from text.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Shape } from './series.ts';

const run = promisify(execFile);
/** A block's span in Prometheus, in seconds. */
export const BLOCK_S = 7_200;
const CHUNK = 4 << 20;

/**
 * Writes the samples of a span into a folder of Prometheus.
 *
 * @param fromS start of the span, a multiple of {@link BLOCK_S}
 * @returns samples, and bytes of the text they were made from
 */
export async function writeBlock(
  promtool: string,
  shapes: readonly Shape[],
  fromS: number,
  stepS: number,
  folder: string,
): Promise<{ samples: number; bytes: number }> {
  const file = join(folder, `samples-${fromS}.om`);
  const out = openSync(file, 'w');
  let [text, samples] = ['', 0];
  for (const { text: series, valueAt } of shapes) {
    for (let t = fromS; t < fromS + BLOCK_S; t += stepS) {
      text += `${series} ${valueAt(t)} ${t}\n`;
      samples++;
    }
    if (text.length > CHUNK) {
      writeSync(out, text);
      text = '';
    }
  }
  writeSync(out, `${text}# EOF\n`);
  closeSync(out);
  const bytes = statSync(file).size;
  await run(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, folder]);
  rmSync(file);
  return { samples, bytes };
}
