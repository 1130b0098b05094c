/**
 * Edits of the contract of today, for the tests: as if its source said something else.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Today } from './check.ts';
import type { Contract } from './contract.ts';
import { CONTRACTS } from './places.ts';

/** A JSON value that an edit reaches into as it likes. */
// biome-ignore lint/suspicious/noExplicitAny: an edit knows what it edits.
export type Loose = any;

/** The contract after an edit. */
export type Edit = (today: Contract) => Today;

/** Edits the OpenAPI document of a service. */
export function openapi(service: string, change: (document: Loose) => void): Edit {
  return (today) => {
    const edited = structuredClone(today);
    change(edited.openapi[service]);
    assert.notDeepEqual(edited, today, 'the edit changes something');
    return edited;
  };
}

/** Edits an operation's request body and the body of each success. */
export function operation(
  service: string,
  name: string,
  change: (parts: { request: Loose; responses: Loose[]; operation: Loose }) => void,
): Edit {
  const [method = '', path = ''] = name.split(' ');
  return openapi(service, (document) => {
    const found = document.paths[path][method.toLowerCase()];
    const schema = (part: Loose) => part?.content?.['application/json']?.schema;
    const responses = Object.entries<Loose>(found.responses)
      .filter(([status]) => status.startsWith('2'))
      .map(([, response]) => schema(response));
    change({ request: schema(found.requestBody), responses, operation: found });
  });
}

/** Edits the schema of a message. */
export function message(
  module: string,
  direction: 'request' | 'response',
  name: string,
  change: (schema: Loose) => void,
): Edit {
  return (today) => {
    const edited = structuredClone(today) as Loose;
    change(edited.schemas[module][direction][name]);
    assert.notDeepEqual(edited, today, 'the edit changes something');
    return edited;
  };
}

/** Edits the catalogue of errors. */
export function errors(change: (codes: Loose) => void): Edit {
  return (today) => {
    const edited = structuredClone(today);
    change(edited.errors);
    return edited;
  };
}

/** Replaces text in a `.proto` file, in a copy of them all. */
export function proto(file: string, ...changes: readonly (readonly [string, string])[]): Edit {
  return (today) => {
    const protoFolder = mkdtempSync(join(tmpdir(), 'edited-proto-'));
    cpSync(join(CONTRACTS, 'proto'), join(protoFolder, 'proto'), { recursive: true });
    cpSync(join(CONTRACTS, 'buf.yaml'), join(protoFolder, 'buf.yaml'));
    const path = join(protoFolder, 'proto', file);
    let text = readFileSync(path, 'utf8');
    for (const [from, to] of changes) {
      assert.ok(text.includes(from), `${file} has ${from}`);
      text = text.replace(from, to);
    }
    writeFileSync(path, text);
    return { ...today, protoFolder };
  };
}
