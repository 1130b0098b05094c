import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { generatedFiles, JSON_FOLDER, ROOT } from './generated.ts';

test('dashboards/json is what the TypeScript says', () => {
  const files = generatedFiles();
  assert.deepEqual(
    readdirSync(JSON_FOLDER).sort(),
    [...files.keys()].sort(),
    'run npm run dashboards:build',
  );
  for (const [name, text] of files) {
    assert.ok(
      readFileSync(join(JSON_FOLDER, name), 'utf8') === text,
      `${name} has drifted: run npm run dashboards:build`,
    );
  }
});

test('what Grafana is given is what is verified', () => {
  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
  const { volumes, environment } = compose.services.grafana;
  const mounts = new Map(
    (volumes as string[]).map((volume) => volume.split(':').slice(0, 2) as [string, string]),
  );
  const dashboards = mounts.get(`./${relative(ROOT, JSON_FOLDER)}`);
  assert.equal(environment.DASHBOARDS_FOLDER, dashboards);
  assert.equal(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH, `${dashboards}/home.json`);
  for (const kind of ['datasources', 'dashboards']) {
    const target = mounts.get(`./grafana/provisioning/${kind}/breakwater.yaml`);
    assert.equal(target, `${environment.GF_PATHS_PROVISIONING}/${kind}/breakwater.yaml`);
  }
});
