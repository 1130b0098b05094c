import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { MESSAGES } from './messages.ts';

/** Parts of messages, which stand in those that hold them. */
const PARTS = ['orderUser'];

for (const file of globSync('*-v*.ts', { cwd: import.meta.dirname })) {
  if (file.endsWith('.test.ts')) continue;
  test(`every message of ${file} has a direction`, async () => {
    const exported: Record<string, unknown> = await import(`./${file}`);
    const messages = Object.entries(exported).filter(([, value]) => value instanceof z.ZodObject);
    const names = messages.map(([name]) => name).filter((name) => !PARTS.includes(name));
    const { request = {}, response = {} } = MESSAGES[basename(file, '.ts')] ?? {};
    assert.deepEqual([...Object.keys(request), ...Object.keys(response)].sort(), names.sort());
  });
}

test('who reads a response overlooks what it does not know', () => {
  for (const [module, { response }] of Object.entries(MESSAGES)) {
    for (const [name, schema] of Object.entries(response)) {
      const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input' }));
      assert.doesNotMatch(text, /"additionalProperties":false/, `${module}: ${name}`);
    }
  }
});
