/**
 * `npm run dashboards:build`: writes the dashboards' JSON, and what is made of `otel/slo/`.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles, ROOT } from './generated.ts';
import { makeSchemas, readSchemas, SCHEMA_FILE, sdkVersion } from './offline/schema.ts';
import { sloRules, THRESHOLDS_FILE, thresholdsModule } from './slo/objectives.ts';

for (const [path, files] of generatedFiles()) {
  const folder = join(ROOT, path);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  console.error(`${files.size} dashboards written to ${path}`);
}

writeFileSync(join(ROOT, THRESHOLDS_FILE), thresholdsModule());
const rules = await sloRules();
if ('reason' in rules) {
  console.error(`The rules of the objectives were left as they are: ${rules.reason}.`);
  console.error('Get it with: npm run stack:install -- sloth');
  process.exitCode = 1;
} else {
  for (const [path, text] of rules) writeFileSync(join(ROOT, path), text);
  console.error(`${rules.size} rule files and ${THRESHOLDS_FILE} written`);
}

if (!existsSync(SCHEMA_FILE) || readSchemas().sdk !== sdkVersion()) {
  writeFileSync(SCHEMA_FILE, `${JSON.stringify(makeSchemas())}\n`);
  console.error('dashboards/schema.json written');
}
