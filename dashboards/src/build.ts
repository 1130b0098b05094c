/**
 * `npm run dashboards:build`: writes `dashboards/json/`.
 *
 * @module
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles, JSON_FOLDER } from './generated.ts';

mkdirSync(JSON_FOLDER, { recursive: true });
const files = generatedFiles();
for (const name of readdirSync(JSON_FOLDER)) if (!files.has(name)) rmSync(join(JSON_FOLDER, name));
for (const [name, text] of files) writeFileSync(join(JSON_FOLDER, name), text);
console.log(`${files.size} dashboards written to ${JSON_FOLDER}`);
