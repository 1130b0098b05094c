import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { generatedFiles, JSON_FOLDERS, ROOT } from './generated.ts';

for (const [folder, files] of generatedFiles()) {
  test(`${folder} is what the TypeScript says`, () => {
    assert.deepEqual(
      readdirSync(join(ROOT, folder)).sort(),
      [...files.keys()].sort(),
      'run npm run dashboards:build',
    );
    for (const [name, text] of files) {
      assert.ok(
        readFileSync(join(ROOT, folder, name), 'utf8') === text,
        `${name} has drifted: run npm run dashboards:build`,
      );
    }
  });
}

test('what Grafana and Prometheus are given is what is verified', () => {
  const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), {
    merge: true,
  });
  const mountsOf = (name: string) =>
    new Map(
      (services[name].volumes as string[]).map(
        (volume) => volume.split(':').slice(0, 2) as [string, string],
      ),
    );
  const { environment } = services.grafana;
  const mounts = mountsOf('grafana');
  const [general, shop] = JSON_FOLDERS.map((folder) => mounts.get(`./${folder}`));
  assert.equal(environment.DASHBOARDS_FOLDER, general);
  assert.equal(environment.SHOP_DASHBOARDS_FOLDER, shop);
  assert.equal(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH, `${general}/home.json`);
  for (const file of [
    'packages/dashboards/provisioning/datasources/breakwater.yaml',
    'packages/dashboards/provisioning/dashboards/breakwater.yaml',
    'grafana/provisioning/dashboards/shop.yaml',
  ]) {
    const target = `${environment.GF_PATHS_PROVISIONING}/${file.split('/').slice(-2).join('/')}`;
    assert.equal(mounts.get(`./${file}`), target);
    const variables = readFileSync(join(ROOT, file), 'utf8').matchAll(/(?<!\$)\$\{([A-Z_]+)\}/g);
    for (const [, variable = ''] of variables) {
      assert.ok(environment[variable], `${file}: Grafana is not given ${variable}`);
    }
  }
  const { rule_files } = parse(readFileSync(join(ROOT, 'otel/prometheus.yaml'), 'utf8'));
  const rules = ['./packages/dashboards/rules', './otel/rules'].map((folder) =>
    mountsOf('prometheus').get(folder)?.replace('/etc/prometheus/', ''),
  );
  assert.deepEqual(
    rule_files,
    rules.map((folder) => `${folder}/*.yaml`),
  );
});
