/**
 * What `docs/errors.md` should say now.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { loadDefinitions } from './definitions.ts';
import { answeredBy, renderErrorsPage, type ServiceDocument } from './errors-page.ts';
import type { Fleet } from './fleet.ts';

/** Where the page stands. */
export const ERRORS_PAGE = fileURLToPath(new URL('../docs/errors.md', import.meta.url));

/** Asks every service for its document and renders the page. */
export async function currentErrorsPage(fleet: Fleet): Promise<string> {
  const documents: ServiceDocument[] = [];
  for (const name of fleet.services.keys()) {
    documents.push((await fleet.ask(name)('GET', '/openapi.json')).body);
  }
  return renderErrorsPage(await loadDefinitions(), answeredBy(documents), documents.length);
}
