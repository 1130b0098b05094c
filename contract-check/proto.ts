/**
 * Compares Protobuf with the last release, by buf.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ADVICE, type Finding } from './findings.ts';
import { CONTRACTS, ROOT, shown } from './places.ts';

/** One line of what `buf breaking --error-format json` prints. */
interface Breaking {
  readonly type: string;
  readonly message: string;
  readonly path?: string;
  readonly start_line?: number;
}

/** buf's name for what was found, beside the files themselves. */
const FOUND = 100;

const ADVICE_OF: Readonly<Record<string, string>> = {
  FIELD_NO_DELETE: 'Keep the field, deprecated = true; leave it out in a v2 package beside this.',
  RPC_NO_DELETE: ADVICE.keepOperation,
  SERVICE_NO_DELETE: ADVICE.keepOperation,
};

/**
 * Runs buf in a folder that holds `buf.yaml`.
 *
 * @returns what it printed, and its exit code
 */
export function buf(
  args: readonly string[],
  cwd: string = CONTRACTS,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      join(ROOT, 'node_modules/.bin/buf'),
      [...args],
      { cwd, maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/**
 * Every change of a `.proto` file that breaks who uses it.
 *
 * @param folder the files of today, with their `buf.yaml`
 * @throws {Error} with what buf said, when the files do not compile
 */
export async function checkProto(image: string, folder: string = CONTRACTS): Promise<Finding[]> {
  const args = ['breaking', '--against', image, '--error-format', 'json'];
  const { code, stdout, stderr } = await buf(args, folder);
  if (code !== 0 && code !== FOUND) throw new Error(`buf breaking: ${stderr || stdout}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Breaking)
    .map(({ type, message, path, start_line }) => ({
      kind: 'proto',
      rule: type,
      file: path === undefined ? shown(image) : join(shown(CONTRACTS), path),
      pointer: start_line === undefined ? '' : `L${start_line}`,
      message,
      advice: ADVICE_OF[type] ?? ADVICE.newVersion,
    }));
}
