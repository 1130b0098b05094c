/**
 * `npm run contracts:check [-- --json] [-- --released FOLDER]`: the contract of today against that of
 * the last release. Exits with 0 where nothing breaks anybody, 1 where something does, 2 where it
 * cannot be told.
 *
 * @module
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { check } from './check.ts';
import { currentContract, readRelease } from './contract.ts';
import { describeFinding } from './findings.ts';
import { RELEASED, releasedVersions } from './places.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, released: { type: 'string' } },
  });
  const last = releasedVersions().at(-1);
  if (last === undefined && values.released === undefined) {
    throw new Error('nothing was released yet: npm run contracts:release -- 1.0.0');
  }
  const released = readRelease(resolve(values.released ?? join(RELEASED, String(last))));
  const findings = await check(released, await currentContract());
  const { version } = released.note;
  if (values.json) {
    const result = { ok: findings.length === 0, released: version, findings };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else if (findings.length === 0) {
    process.stdout.write(`Nothing that ${version} promised is broken.\n`);
  } else {
    process.stdout.write(`${findings.map(describeFinding).join('\n\n')}\n\n`);
    const changes = findings.length === 1 ? 'change breaks' : 'changes break';
    process.stdout.write(`${findings.length} ${changes} what ${version} promised.\n`);
    process.stdout.write('How to change a contract: docs/communication.md.\n');
  }
  return findings.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`contracts:check: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
// What was imported to be described has timers of its own.
process.exit();
