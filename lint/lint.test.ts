import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { libraries } from '../packages/pack.ts';
import { houseRules, writtenRules } from './house.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** What `biome lint` says of files that are at these places of a repository with our rules. */
function lint(files: readonly (readonly [path: string, code: string])[]): string[] {
  const root = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    for (const rule of ['biome.json', 'lint/house.json', 'lint/shop-names.grit']) {
      cpSync(join(ROOT, rule), join(root, rule), { recursive: true });
    }
    for (const [path, code] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${code}\n`);
    }
    const args = [
      'lint',
      '--vcs-enabled=false',
      '--reporter=github',
      '--max-diagnostics=none',
      '.',
    ];
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const { status, stdout } = spawnSync(biome, args, { cwd: root, encoding: 'utf8' });
    const said = stdout.split('\n').filter((line) => line.startsWith('::error'));
    assert.equal(status === 0, said.length === 0, stdout);
    return files.map(([path]) => said.filter((line) => line.includes(`/${path},`)).join('\n'));
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('the rules are those of the table in CONTRIBUTING.md', () => {
  assert.deepEqual(writtenRules(), houseRules(), 'run `npm run lint:build`');
});

const refused: [what: string, path: string, code: string, said: RegExp][] = [
  [
    'an import against the direction',
    'packages/errors/src/probe-1.ts',
    `export * from '@breakwater/otel';`,
    /packages\/errors may import no other folder/,
  ],
  [
    'one of a subpath, as a type',
    'packages/resilience/src/probe-2.ts',
    `export type { A } from '@breakwater/otel/register';`,
    /may import packages\/errors, packages\/telemetry, by name/,
  ],
  [
    'one when it runs',
    'otel/node/src/probe-3.ts',
    `export const late = () => import('@breakwater/resilience');`,
    /otel\/node may import packages\/errors, packages\/telemetry/,
  ],
  [
    'one past the name of the package',
    'packages/telemetry/src/probe-4.ts',
    `export * from '../../errors/src/index.ts';`,
    /by name: see "The house"/,
  ],
  [
    'one service by another',
    'services/gateway/src/probe-5.ts',
    `export * from '@breakwater/catalog';`,
    /services\/gateway may import/,
  ],
  [
    'the environment in a library',
    'packages/resilience/src/deep/probe-6.ts',
    'export const level = process.env.LOG_LEVEL;',
    /noProcessEnv/,
  ],
  [
    'the environment in the SDK outside of its place',
    'otel/node/src/probe-7.ts',
    'export const { LOG_LEVEL } = process.env;',
    /noProcessEnv/,
  ],
  [
    'a service of the shop in a library',
    'packages/timeline/src/probe-8.ts',
    `export const host = 'payments';`,
    /knows no service of the shop/,
  ],
  [
    'one in the middle of a template',
    'packages/errors/src/probe-9.ts',
    ['export const at = (id: string) => `http://orders/$', '{id}`;'].join(''),
    /knows no service of the shop/,
  ],
];

const taken: [what: string, path: string, code: string][] = [
  [
    'an import in the direction',
    'packages/resilience/src/probe-10.ts',
    `export * from '@breakwater/errors';\nexport * from '@breakwater/errors/orchestrator';\nexport * from './index.ts';`,
  ],
  [
    'a test as it needs it',
    'packages/errors/src/probe-11.test.ts',
    `export * from '@breakwater/otel';`,
  ],
  [
    'the environment in the start-up hook',
    'otel/node/src/register.ts',
    'export const { NODE_ENV } = process.env;',
  ],
  [
    'the environment in a service',
    'services/users/src/main.ts',
    'export const { PORT } = process.env;',
  ],
  [
    'a word that only holds one',
    'packages/errors/src/probe-12.ts',
    `export const code = 'bad_gateway';`,
  ],
];
const told = lint([...refused, ...taken].map(([, path, code]) => [path, code]));
for (const [index, [what, , , said]] of refused.entries()) {
  test(`${what} is refused`, () => assert.match(told[index] ?? '', said));
}
for (const [index, [what]] of taken.entries()) {
  test(`${what} is taken`, () => assert.equal(told[refused.length + index], ''));
}

/** A comment is no code that a rule could look at. */
test('no comment or page of a library has an example from the shop', () => {
  const SHOP = /['"`](?:gateway|catalog|users|orders|payments|notifications|unstable)['"`]/;
  const found = libraries().flatMap(({ folder }) =>
    globSync(`${folder}/{*.md,src/**/*.ts}`, { cwd: ROOT })
      .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
      .filter((file) => SHOP.test(readFileSync(join(ROOT, file), 'utf8'))),
  );
  assert.deepEqual(found, []);
});
