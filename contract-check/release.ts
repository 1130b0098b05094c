/**
 * `npm run contracts:release -- VERSION`: writes the contract of today to
 * `services/shared/contracts/released/<version>/`, with messages that running services have sent.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startFleet } from '../error-contract/fleet.ts';
import { check } from './check.ts';
import { type Contract, currentContract, type ReleaseNote, readRelease } from './contract.ts';
import { describeFinding } from './findings.ts';
import { recordErrors } from './golden-errors.ts';
import { recordGrpc } from './golden-grpc.ts';
import { isNextMajor, isVersionAfter, RELEASED, ROOT, releasedVersions, shown } from './places.ts';
import { buf } from './proto.ts';
import { playScenario } from './scenario.ts';

/** The commit that is released: what lies in the working tree is no part of it. */
function releasedCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', '.', `:!${shown(RELEASED)}`);
  if (changed !== '') throw new Error(`commit or undo this first:\n${changed}`);
  return git('rev-parse', 'HEAD');
}

/**
 * A release that breaks what the last one promised is a major one, and one that a consumer cannot
 * live with is none.
 */
async function refuseBroken(contract: Contract, version: string, last: string): Promise<void> {
  const findings = await check(readRelease(join(RELEASED, last)), contract);
  const major = isNextMajor(version, last);
  const refused = findings.filter(({ kind }) => !major || kind === 'consumer');
  if (refused.length === 0) return;
  const said = refused.map(describeFinding).join('\n\n');
  const advice = major
    ? ''
    : ', or release a new major version once nobody is counted on the old one';
  throw new Error(`${version} would break what ${last} promised${advice}:\n\n${said}`);
}

async function write(folder: string, contract: Contract, note: ReleaseNote): Promise<void> {
  const put = (file: string, value: unknown) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
  };
  put('release.json', note);
  for (const [name, document] of Object.entries(contract.openapi)) {
    put(`openapi/${name}.json`, document);
  }
  for (const [name, module] of Object.entries(contract.schemas))
    put(`schemas/${name}.json`, module);
  put('errors.json', contract.errors);
  const built = await buf(['build', '-o', join(folder, 'proto.binpb')]);
  if (built.code !== 0) throw new Error(`buf build: ${built.stderr}`);
  process.stderr.write('starting every service …\n');
  const fleet = await startFleet();
  try {
    for (const [service, golden] of Object.entries(await playScenario(fleet))) {
      put(`golden/rest/${service}.json`, golden);
    }
    put('golden/grpc.json', await recordGrpc(fleet, join(folder, 'proto.binpb')));
  } finally {
    await fleet.stop();
  }
  put('golden/errors.json', await recordErrors());
}

const [version = ''] = process.argv.slice(2);
const last = releasedVersions().at(-1);
if (!isVersionAfter(version, last)) {
  const after = last === undefined ? '' : `, greater than ${last}`;
  process.stderr.write(`Usage: npm run contracts:release -- VERSION, as 1.2.3${after}\n`);
  process.exit(2);
}
const unfinished = join(RELEASED, `.${version}`);
try {
  const commit = releasedCommit();
  const date = new Date().toISOString().slice(0, 10);
  if (existsSync(unfinished)) rmSync(unfinished, { recursive: true });
  const contract = await currentContract();
  if (last !== undefined) await refuseBroken(contract, version, last);
  await write(unfinished, contract, { version, commit, date });
  renameSync(unfinished, join(RELEASED, version));
  process.stderr.write(`wrote ${shown(join(RELEASED, version))}, of ${commit}\n`);
  process.exit();
} catch (error) {
  rmSync(unfinished, { recursive: true, force: true });
  process.stderr.write(`contracts:release: ${(error as Error).message}\n`);
  process.exit(1);
}
