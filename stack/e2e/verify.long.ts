import { test } from 'node:test';
import { assertNamed, BREAKS, verifyBroken } from './broken-pipelines.ts';

for (const each of BREAKS) {
  test(`verify names what ${each.name} loses, alone`, async () => {
    assertNamed([each], await verifyBroken([each]));
  });
}
