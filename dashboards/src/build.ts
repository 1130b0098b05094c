/**
 * `npm run dashboards:build`: writes `dashboards/json/`, and what is made of `otel/slo/`.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles, JSON_FOLDER, ROOT } from './generated.ts';
import { makeSchemas, readSchemas, SCHEMA_FILE, sdkVersion } from './offline/schema.ts';
import { sloRules, THRESHOLDS_FILE, thresholdsModule } from './slo/objectives.ts';

mkdirSync(JSON_FOLDER, { recursive: true });
const files = generatedFiles();
for (const name of readdirSync(JSON_FOLDER)) if (!files.has(name)) rmSync(join(JSON_FOLDER, name));
for (const [name, text] of files) writeFileSync(join(JSON_FOLDER, name), text);
console.error(`${files.size} dashboards written to dashboards/json`);

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
