/**
 * The errors of one service: what its operations declare, and what it has answered beyond that.
 *
 * @module
 */
import type { AppError, ErrorKind } from '@breakwater/errors';
import { once } from './document.ts';
import { type OpenApiDocument, operationErrors } from './openapi.ts';

/** One error in `GET /errors`. */
export interface CatalogueEntry extends ErrorKind {
  /** Operations that have answered this error without declaring it; absent when there are none. */
  readonly undeclared_by?: readonly string[];
}

export interface ErrorCatalogueOptions {
  /** The OpenAPI documents of the service, errors included; asked for once. */
  readonly documents: () => readonly OpenApiDocument[];
  /** Errors that any request can be answered with, also one that no route matches. */
  readonly common: readonly ErrorKind[];
  /** Whether operations declare their errors; else none of them is undeclared. Default: true. */
  readonly declares?: boolean;
}

/** The errors of one service, for `GET /errors` and for whoever checks that none is missing. */
export class ErrorCatalogue {
  readonly #common: ReadonlyMap<string, ErrorKind>;
  readonly #undeclared = new Map<string, { kind: ErrorKind; by: Set<string> }>();
  /** Made when first wanted: from the first request on, no route can be added. */
  readonly #declared: () => ReadonlyMap<string, readonly ErrorKind[]>;

  readonly #declares: boolean;

  constructor({ documents, common, declares = true }: ErrorCatalogueOptions) {
    this.#declares = declares;
    this.#common = new Map(common.map((kind) => [kind.code, kind]));
    this.#declared = once(() => new Map(documents().flatMap(operations)));
  }

  /**
   * Takes note of an error that was answered.
   *
   * @param route template of the matched route, as `/items/:id`.
   * @returns whether the operation declares it.
   */
  note(method: string, route: string, { kind }: AppError): boolean {
    if (this.#common.has(kind.code)) return true;
    const operation = `${method} ${route}`;
    const declared = this.#declared().get(operation) ?? [];
    if (declared.some(({ code }) => code === kind.code)) return true;
    const entry = this.#undeclared.get(kind.code) ?? { kind, by: new Set() };
    entry.by.add(operation);
    this.#undeclared.set(kind.code, entry);
    return !this.#declares;
  }

  /** Every error of the service, by code. */
  list(): CatalogueEntry[] {
    const entries = new Map<string, CatalogueEntry>(this.#common);
    for (const kind of [...this.#declared().values()].flat()) entries.set(kind.code, kind);
    for (const [code, { kind, by }] of this.#undeclared) {
      entries.set(code, this.#declares ? { ...kind, undeclared_by: [...by].sort() } : kind);
    }
    return [...entries.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  }
}

/** Each operation as the router names it, `GET /items/:id`, with its errors. */
function operations(document: OpenApiDocument): [name: string, kinds: ErrorKind[]][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, ErrorKind[]] => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      operationErrors(operation),
    ]),
  );
}
