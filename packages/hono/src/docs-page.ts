/**
 * `/docs`: the operations of a service and what they can answer, as one page without scripts.
 *
 * @module
 */
import type { ErrorKind } from '@breakwater/errors';
import { html } from 'hono/html';
import { type OpenApiDocument, type Operation, operationErrors } from './openapi.ts';

type Html = ReturnType<typeof html>;

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  code { font-family: ui-monospace, monospace; }
  h2 { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding-top: 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
`;

/**
 * Renders the page from the OpenAPI document; every value is escaped.
 *
 * @param common errors that any request can be answered with
 */
export function docsPage(document: OpenApiDocument, common: readonly ErrorKind[]): Html {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => renderOperation(method, path, operation)),
  );
  const declared = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap(operationErrors),
  );
  const errors = new Map([...common, ...declared].map((kind) => [kind.code, kind]));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${document.info.title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>${document.info.title}</h1>
        <p>${document.info.description ?? ''}</p>
        <p>
          Machine-readable: <a href="/openapi.json">openapi.json</a>. Every error:
          <a href="#errors">below</a>.
        </p>
        ${operations} ${renderErrors([...errors.values()])}
      </body>
    </html>`;
}

function renderOperation(method: string, path: string, operation: Operation): Html {
  const answers = Object.entries(operation.responses).filter(([status]) => status < '400');
  return html`<h2><code>${method.toUpperCase()} ${path}</code></h2>
    <p>${operation.summary ?? ''} ${operation.description ?? ''}</p>
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>Code</th>
          <th>Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${answers.map(
          ([status, { description }]) => html`<tr>
            <td>${status}</td>
            <td></td>
            <td>${String(description)}</td>
          </tr>`,
        )}
        ${operationErrors(operation).map(
          ({ status, code, meaning }) => html`<tr>
            <td>${status}</td>
            <td><a href="#${code}"><code>${code}</code></a></td>
            <td>${meaning}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
}

function renderErrors(kinds: readonly ErrorKind[]): Html {
  const sorted = kinds.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  return html`<h2 id="errors">Errors</h2>
    <dl>
      ${sorted.map(
        ({
          code,
          status,
          meaning,
          client,
        }) => html`<dt id="${code}"><code>${code}</code> ${status}</dt>
          <dd>${meaning} ${client}</dd>`,
      )}
    </dl>`;
}
