/**
 * Compares the schemas of messages with those of the last release.
 *
 * @module
 */
import { join } from 'node:path';
import type { Contract, Release, SchemaModule } from './contract.ts';
import { ADVICE, type Finding, pointer } from './findings.ts';
import { compareSchemas, type Direction } from './json-schema.ts';
import { shown } from './places.ts';

/** Every change of a message that breaks who wrote or reads it by the released schema. */
export function checkSchemas(released: Release, today: Pick<Contract, 'schemas'>): Finding[] {
  return Object.entries(released.schemas).flatMap(([module, was]) => {
    const file = shown(join(released.folder, 'schemas', `${module}.json`));
    const is = today.schemas[module];
    if (!is) return [removed(file, '', `the module ${module} is gone`)];
    return [
      ...compareMessages('request', was, is, file),
      ...compareMessages('response', was, is, file),
    ];
  });
}

function compareMessages(
  direction: Direction,
  was: SchemaModule,
  is: SchemaModule,
  file: string,
): Finding[] {
  return Object.entries(was[direction]).flatMap(([name, old]) => {
    const now = is[direction][name];
    const at = pointer(direction, name);
    if (!now) return [removed(file, at, `the message ${name} is gone`)];
    const kind = 'json-schema';
    return compareSchemas(old, now, direction, at).map((broken) => ({ kind, file, ...broken }));
  });
}

function removed(file: string, at: string, message: string): Finding {
  const rule = 'message-removed';
  return { kind: 'json-schema', rule, file, pointer: at, message, advice: ADVICE.newVersion };
}
