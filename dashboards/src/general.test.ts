import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { JSON_FOLDERS, ROOT } from './generated.ts';
import { readDatasources } from './offline/model.ts';
import { GENERAL_RULES } from './rules.ts';

/** Folders beside the shop's services that are no service of it. */
const NO_SHOP = ['console', 'shared'];
const SERVICES = readdirSync(join(ROOT, 'services')).filter((name) => !NO_SHOP.includes(name));
/** What the shop speaks of besides: whom it pays by, what it sells, and under which names. */
const WORDS = ['provider', 'stock', 'shop', 'items', 'fake-service', 'users-replica'];
/** Also words of everybody's: they count where a label is compared. */
const COMMON = ['users'];

/** Names of the shop in a text. */
export function shopNames(text: string): string[] {
  const names = [...SERVICES.filter((name) => !COMMON.includes(name)), ...WORDS];
  const said = text.matchAll(new RegExp(`(?<![\\w-])(?:${names.join('|')})(?![\\w-])`, 'gi'));
  const compared = text.matchAll(new RegExp(`[=~"\\\\]"?(?:${COMMON.join('|')})\\\\?"`, 'g'));
  return [...said, ...compared].map(([found]) => found);
}

const [JSON_FOLDER] = JSON_FOLDERS;
const files = globSync(
  [
    `${JSON_FOLDER}/*`,
    `${GENERAL_RULES}/**/*.yaml`,
    'packages/dashboards/{provisioning/*,runbooks}/*',
  ],
  { cwd: ROOT },
);

test('there is something to look at, and the names are looked for', () => {
  assert.ok(SERVICES.includes('gateway') && SERVICES.length >= 7, SERVICES.join());
  assert.ok(files.length >= 14, files.join());
  assert.deepEqual(shopNames('virtual users in order, recorder, ordering'), []);
  assert.deepEqual(shopNames('the orders of the Gateway'), ['orders', 'Gateway']);
  assert.equal(shopNames('up{service_name=\\"users\\"}').length, 1);
});

for (const file of files) {
  test(`${file} names nothing of the shop`, () => {
    assert.deepEqual(shopNames(readFileSync(join(ROOT, file), 'utf8')), []);
  });
  test(`${file} asks for no job, namespace or address of this stack`, () => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    assert.doesNotMatch(text, /\bjob=|service_namespace|127\.0\.0\.1|localhost/);
  });
}

test('the data sources have no address but those of the environment', () => {
  for (const { uid, url } of readDatasources()) assert.match(url, /^\$\{[A-Z]+_URL\}$/, uid);
});
