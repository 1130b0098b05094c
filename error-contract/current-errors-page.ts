/**
 * What `docs/errors.md` should say now.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { AppError, defineKind } from '@breakwater/errors';
import { loadDefinitions } from './definitions.ts';
import { answeredBy, renderErrorsPage, type ServiceDocument } from './errors-page.ts';
import type { Fleet } from './fleet.ts';

/** Where the page stands. */
export const ERRORS_PAGE = fileURLToPath(new URL('../docs/errors.md', import.meta.url));

/**
 * Asks every service for its document and its catalogue, and renders the page.
 *
 * @throws {TypeError} naming a code that two services define differently
 */
export async function currentErrorsPage(fleet: Fleet): Promise<string> {
  const documents: ServiceDocument[] = [];
  for (const name of fleet.services.keys()) {
    const document = (await fleet.ask(name)('GET', '/openapi.json')).body;
    const operations = (await fleet.operate(name)('GET', '/openapi.json')).body;
    documents.push({ ...document, paths: { ...document.paths, ...operations.paths } });
    const { errors } = (await fleet.operate(name)('GET', '/errors')).body;
    // Codes made of nouns exist in the services that answer them, and in this process from now on.
    for (const { undeclared_by: _, ...kind } of errors) defineKind(AppError.kind, kind);
  }
  return renderErrorsPage(await loadDefinitions(), answeredBy(documents), documents.length);
}
