/**
 * Compares OpenAPI documents with those of the last release, by oasdiff.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findComponent } from '../stack/src/find-component.ts';
import type { Contract, Release } from './contract.ts';
import type { OpenApiDocument } from './documents.ts';
import { ADVICE, type Finding, pointer } from './findings.ts';
import { shown } from './places.ts';

const run = promisify(execFile);

/** One entry of what `oasdiff breaking -f json` prints. */
interface Breaking {
  readonly id: string;
  readonly text: string;
  readonly operation?: string;
  readonly path?: string;
}

/** oasdiff is not there. */
export class OasdiffMissingError extends Error {
  constructor(reason: string) {
    super(`${reason}. Run npm run stack:install -- oasdiff.`);
  }
}

/**
 * Every change of a document that breaks who uses it.
 *
 * @throws {OasdiffMissingError}
 */
export async function checkOpenApi(
  released: Release,
  today: Pick<Contract, 'openapi'>,
): Promise<Finding[]> {
  const oasdiff = await findComponent('oasdiff');
  if ('reason' in oasdiff) throw new OasdiffMissingError(oasdiff.reason);
  const folder = mkdtempSync(join(tmpdir(), 'oasdiff-'));
  try {
    const found = Object.entries(released.openapi).map(async ([service, was]) => {
      const file = shown(join(released.folder, 'openapi', `${service}.json`));
      const is = today.openapi[service];
      if (!is) {
        const message = `the service ${service} has no document any more`;
        const rule = 'document-removed';
        return [
          { kind: 'openapi', rule, file, pointer: '', message, advice: ADVICE.newVersion } as const,
        ];
      }
      const texts = [was, is].map((document) => JSON.stringify(withoutCodes(document)));
      if (texts[0] === texts[1]) return [];
      const paths = texts.map((text, index) => {
        const path = join(folder, `${service}-${index}.json`);
        writeFileSync(path, text);
        return path;
      });
      const { stdout } = await run(oasdiff.path, ['breaking', '--format', 'json', ...paths]);
      return (JSON.parse(stdout) as Breaking[]).map((each) => asFinding(each, file));
    });
    return (await Promise.all(found)).flat();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function asFinding({ id, text, operation, path }: Breaking, file: string): Finding {
  const steps = path === undefined ? [] : ['paths', path];
  const method = operation === undefined ? [] : [operation.toLowerCase()];
  const at = pointer(...steps, ...method);
  const advice = /^(?:api|endpoint)-/.test(id)
    ? ADVICE.keepOperation
    : /required/.test(id) && /request/.test(id)
      ? ADVICE.optional
      : /type-changed/.test(id)
        ? ADVICE.newField
        : ADVICE.newVersion;
  const where = operation === undefined ? '' : `${operation} ${path}: `;
  return { kind: 'openapi', rule: id, file, pointer: at, message: `${where}${text}`, advice };
}

/**
 * The document without which code has which status: those are an open list for clients, who go by
 * the status of a code that is new to them. `error-codes.ts` compares what must stay of them.
 */
function withoutCodes(document: OpenApiDocument): OpenApiDocument {
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (!/^[45]\d\d$/.test(key) || !value?.content) return value;
    for (const media of Object.values<{ schema?: { allOf?: unknown[] } }>(value.content)) {
      if (media.schema?.allOf) media.schema = media.schema.allOf[0] as object;
    }
    return value;
  });
}
