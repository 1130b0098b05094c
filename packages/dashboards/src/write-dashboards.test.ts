import assert from 'node:assert/strict';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { writeDashboards } from './write-dashboards.ts';

function folderFor(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-dashboards-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');

test('it says what it wrote, and wrote everything that the package carries', (context) => {
  const folder = folderFor(context);
  const paths = writeDashboards(folder);
  const found = globSync('**/*', { cwd: folder }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  assert.deepEqual(found.sort(), paths);
  const carried = globSync('{json,rules,runbooks,provisioning}/**/*.{json,yaml,md}', {
    cwd: join(import.meta.dirname, '..'),
  });
  assert.equal(paths.length, carried.length + 1);
});

test('every dashboard parses, and is found by its uid', (context) => {
  const folder = folderFor(context);
  const dashboards = writeDashboards(folder).filter((path) => path.startsWith('dashboards/'));
  assert.ok(dashboards.length >= 8);
  for (const path of dashboards) {
    const { uid, panels } = JSON.parse(read(folder, path));
    assert.equal(`dashboards/${uid.replace('breakwater-', '')}.json`, path);
    assert.ok(panels.length > 3, path);
  }
});

test('every rule is in a group, and every alert names a panel and a runbook that are there', (context) => {
  const folder = folderFor(context);
  const rules = writeDashboards(folder).filter((path) => path.startsWith('rules/'));
  assert.ok(rules.length >= 4);
  for (const path of rules) {
    const { groups } = parse(read(folder, path));
    for (const { alert, annotations } of groups.flatMap((group: { rules: [] }) => group.rules)) {
      if (!alert) continue;
      assert.ok(existsSync(join(folder, annotations.runbook)), `${alert}: ${annotations.runbook}`);
      const [uid, id] = annotations.panel.split('/');
      const file = `dashboards/${uid.replace('breakwater-', '')}.json`;
      const { panels } = JSON.parse(read(folder, file));
      assert.ok(
        panels.some((panel: { id: number }) => panel.id === Number(id)),
        `${alert}: ${annotations.panel}`,
      );
    }
  }
});

test('the provisioning provides every data source that a dashboard asks, and the README its variables', (context) => {
  const folder = folderFor(context);
  const paths = writeDashboards(folder);
  const { datasources } = parse(read(folder, 'provisioning/datasources/breakwater.yaml'));
  const uids = datasources.map(({ uid }: { uid: string }) => uid);
  for (const path of paths.filter((each) => each.startsWith('dashboards/'))) {
    for (const [, uid] of read(folder, path).matchAll(/"uid": "(?!breakwater-)([^"]+)"/g))
      assert.ok(uids.includes(uid), `${path}: ${uid}`);
  }
  const readme = read(folder, 'README.md');
  for (const path of paths.filter((each) => each.startsWith('provisioning/'))) {
    for (const [, name] of read(folder, path).matchAll(/(?<!\$)\$\{([A-Z_]+)\}/g))
      assert.ok(readme.includes(`\`${name}\``), `${path}: ${name} is not in the README`);
  }
  for (const [, named = ''] of readme.matchAll(/`((?:dashboards|provisioning|rules)\/[\w./]*)`/g))
    assert.ok(existsSync(join(folder, named)), `the README names ${named}`);
});

test('it writes into a folder that is there, and leaves what is not its own', (context) => {
  const folder = folderFor(context);
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  writeDashboards(folder);
  const home = read(folder, 'dashboards/home.json');
  writeFileSync(join(folder, 'dashboards/home.json'), 'old');
  writeDashboards(folder);
  assert.equal(read(folder, 'dashboards/home.json'), home);
  assert.equal(read(folder, 'mine.txt'), 'mine');
});

test('it names the data sources of a Grafana by their own uids, everywhere', (context) => {
  const folder = folderFor(context);
  const datasources = { prometheus: 'my-prometheus', loki: 'L_1', jaeger: 'traces' };
  const paths = writeDashboards(folder, { datasources });
  for (const path of paths.filter((each) => /^(dashboards|provisioning)\//.test(each))) {
    const text = decodeURIComponent(read(folder, path).replaceAll(/%(?![0-9A-F]{2})/g, '%25'));
    assert.doesNotMatch(text, /"uid": "(prometheus|loki|jaeger)"|Uid: (prometheus|loki|jaeger)\b/);
    assert.doesNotMatch(text, /\buid: (prometheus|loki|jaeger)\b|"datasource":"(loki|jaeger)"/);
  }
  assert.match(read(folder, 'dashboards/home.json'), /"uid": "my-prometheus"/);
  assert.match(read(folder, 'dashboards/home.json'), /%22datasource%22%3A%22traces%22/);
  const { datasources: provided } = parse(read(folder, 'provisioning/datasources/breakwater.yaml'));
  assert.deepEqual(
    provided.map(({ uid, type }: { uid: string; type: string }) => [type, uid]),
    [
      ['prometheus', 'my-prometheus'],
      ['loki', 'L_1'],
      ['jaeger', 'traces'],
      ['alertmanager', 'alertmanager'],
    ],
  );
});

test('a uid that is none is refused, and nothing is written', (context) => {
  const folder = folderFor(context);
  assert.throws(
    () => writeDashboards(folder, { datasources: { loki: 'my loki"' } }),
    /is no uid of a data source: use the one that Grafana shows/,
  );
  const unknown = { datasources: { tempo: 'tempo' } } as object;
  assert.throws(() => writeDashboards(folder, unknown), /no data source tempo; use prometheus/);
  assert.deepEqual(readdirSync(folder), []);
});
