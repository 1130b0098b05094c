/**
 * Compares error codes with those of the last release: clients branch on a code and on its status.
 *
 * @module
 */
import { join } from 'node:path';
import type { Contract, Release } from './contract.ts';
import type { OpenApiDocument } from './documents.ts';
import { ADVICE, type Finding, pointer } from './findings.ts';
import { shown } from './places.ts';

/** Codes that are gone or have another status, and operations that respond with one no longer. */
export function checkErrorCodes(
  released: Release,
  today: Pick<Contract, 'errors' | 'openapi'>,
): Finding[] {
  const file = shown(join(released.folder, 'errors.json'));
  const broken = (rule: string, at: string, message: string, where = file): Finding => ({
    ...{ kind: 'errors', rule, file: where, pointer: at, message },
    advice: ADVICE.keepCode,
  });
  const catalogue = Object.entries(released.errors).flatMap(([code, was]) => {
    const is = today.errors[code];
    if (!is) return [broken('code-removed', pointer(code), `the code ${code} is gone`)];
    return Object.entries(was)
      .filter(([format, status]) => is[format as keyof typeof is] !== status)
      .map(([format, status]) => {
        const now = is[format as keyof typeof is];
        const message = `the status of ${code} was ${status} and is ${now}`;
        return broken('code-status-changed', pointer(code, format), message);
      });
  });
  const operations = Object.entries(released.openapi).flatMap(([service, document]) => {
    const where = shown(join(released.folder, 'openapi', `${service}.json`));
    return [...operationCodes(document)].flatMap(([operation, { at, codes }]) => {
      const now = operationCodes(today.openapi[service]).get(operation);
      // That an operation is gone is another rule's to say.
      if (!now) return [];
      return codes
        .filter((code) => !now.codes.includes(code))
        .map((code) => {
          const message = `${service}: ${operation} does not respond with ${code} any more`;
          return broken('operation-code-removed', at, message, where);
        });
    });
  });
  return [...catalogue, ...operations];
}

/** The codes of each operation, as `POST /payments`, and where they stand in its document. */
export function operationCodes(
  document: OpenApiDocument | undefined,
): Map<string, { readonly at: string; readonly codes: readonly string[] }> {
  return new Map(
    Object.entries(document?.paths ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        {
          at: pointer('paths', path, method, 'x-error-codes'),
          codes: operation['x-error-codes'] ?? [],
        },
      ]),
    ),
  );
}
