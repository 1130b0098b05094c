/**
 * The contract of today against that of the last release.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConsumers, readStatements } from './consumers.ts';
import type { Contract, Release } from './contract.ts';
import { checkErrorCodes } from './error-codes.ts';
import type { Finding } from './findings.ts';
import { checkErrorGolden, checkGrpcGolden, checkRestGolden } from './golden.ts';
import { checkOpenApi } from './openapi.ts';
import { CONTRACTS } from './places.ts';
import { buf, checkProto } from './proto.ts';
import { checkSchemas } from './schemas.ts';

/** What is compared: the contract, and the folder of its `.proto` files. */
export interface Today extends Contract {
  /** Holds `buf.yaml`. Default: the shop's own. */
  readonly protoFolder?: string;
}

/**
 * Every incompatible change since a release, of every kind of contract, and every statement of a
 * consumer that does not hold.
 *
 * @throws {Error} when buf or oasdiff cannot do their work
 */
export async function check(released: Release, today: Today): Promise<Finding[]> {
  const { protoFolder = CONTRACTS } = today;
  const folder = mkdtempSync(join(tmpdir(), 'contract-check-'));
  const image = join(folder, 'today.binpb');
  try {
    const built = await buf(['build', '-o', image], protoFolder);
    if (built.code !== 0) throw new Error(`buf build: ${built.stderr || built.stdout}`);
    const was = join(released.folder, 'proto.binpb');
    const isSame = readFileSync(was).equals(readFileSync(image));
    const [proto, openapi] = await Promise.all([
      isSame ? [] : checkProto(was, protoFolder),
      checkOpenApi(released, today),
    ]);
    return [
      ...proto,
      ...openapi,
      ...checkSchemas(released, today),
      ...checkErrorCodes(released, today),
      ...checkRestGolden(released, today),
      ...checkErrorGolden(released, today),
      ...checkGrpcGolden(released, image),
      ...checkConsumers(readStatements(), today, image),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
