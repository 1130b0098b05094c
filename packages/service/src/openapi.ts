/**
 * The OpenAPI document of a service, with the errors of every operation in it.
 *
 * @module
 */
import {
  AppError,
  DeadlineExceededError,
  type ErrorKind,
  type FormatName,
  findKind,
  formats,
  OverloadedError,
  PayloadTooLargeError,
  RouteNotFoundError,
  statusOf,
  UnsupportedMediaTypeError,
  ValidationError,
} from '@breakwater/errors';
import { errorSchemas } from './error-schemas.ts';
import { ERROR_CODES } from './route.ts';

type Json = Record<string, unknown>;

/** The parts of an OpenAPI 3.1 operation that matter here. */
export interface Operation extends Json {
  summary?: string;
  description?: string;
  parameters?: Json[];
  requestBody?: Json;
  responses: Record<string, Json>;
}

/** The parts of an OpenAPI 3.1 document that matter here. */
export interface OpenApiDocument extends Json {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Json };
}

/** The errors an operation can answer: those it declares, and those every operation of its shape has. */
export function operationErrors(operation: Operation): ErrorKind[] {
  const declared = (operation[ERROR_CODES] as string[] | undefined) ?? [];
  const hasInput = (operation.parameters?.length ?? 0) > 0 || operation.requestBody !== undefined;
  const common = [
    AppError.kind,
    OverloadedError.kind,
    DeadlineExceededError.kind,
    ...(hasInput ? [ValidationError.kind] : []),
    ...(operation.parameters?.some(({ in: where }) => where === 'path')
      ? [RouteNotFoundError.kind]
      : []),
    ...(operation.requestBody ? [PayloadTooLargeError.kind, UnsupportedMediaTypeError.kind] : []),
  ];
  const own = declared.map((code) => findKind(code)).filter((kind) => kind !== undefined);
  return [...new Map([...own, ...common].map((kind) => [kind.code, kind])).values()];
}

/** Adds the error responses of every operation, in the service's own format and as problem. */
export function withErrors(document: OpenApiDocument, format: FormatName): OpenApiDocument {
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [
          method,
          { ...operation, responses: { ...operation.responses, ...responses(operation, format) } },
        ]),
      ),
    ]),
  );
  const schemas = { ...document.components?.schemas, ...errorSchemas(format) };
  return { ...document, paths, components: { ...document.components, schemas } };
}

function responses(operation: Operation, format: FormatName): Record<string, Json> {
  const byStatus = new Map<number, ErrorKind[]>();
  for (const kind of operationErrors(operation)) {
    for (const status of new Set([statusOf(kind, format), statusOf(kind, 'problem')])) {
      byStatus.set(status, [...(byStatus.get(status) ?? []), kind]);
    }
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, kinds]) => [
        String(status),
        {
          description: kinds.map(({ code, meaning }) => `\`${code}\`: ${meaning}`).join(' '),
          content: {
            [formats[format].mediaType]: { schema: { $ref: '#/components/schemas/Error' } },
            [formats.problem.mediaType]: { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      ]),
  );
}
