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
  HeadersTooLargeError,
  MalformedRequestError,
  MethodNotAllowedError,
  OverloadedError,
  PayloadTooLargeError,
  RequestCancelledError,
  RequestTimeoutError,
  RouteNotFoundError,
  statusOf,
  UnsupportedMediaTypeError,
  ValidationError,
} from '@breakwater/errors';
import { errorSchema, errorSchemas } from './error-schemas.ts';
import { type DeclaredError, ERROR_CODES, kindOf } from './route.ts';

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

/** What is the same for every operation of a service. */
export interface ServiceErrors {
  /** The error format of clients that ask for none. */
  readonly format: FormatName;
  /** What a bug is answered as. Default: `INTERNAL_ERROR`. */
  readonly internal?: DeclaredError | undefined;
  /** Errors that each operation of the service can answer, such as those of its database. */
  readonly everywhere?: readonly DeclaredError[] | undefined;
  /** Whether there is a limit of the requests in flight. Default: true. */
  readonly limited?: boolean;
}

/** Errors that any request to a service can be answered with, also one that no route matches. */
export function commonErrors({ internal = AppError, everywhere = [] }: ServiceErrors): ErrorKind[] {
  return [
    internal,
    ...everywhere,
    OverloadedError,
    DeadlineExceededError,
    RouteNotFoundError,
    MethodNotAllowedError,
    PayloadTooLargeError,
    HeadersTooLargeError,
    MalformedRequestError,
    RequestTimeoutError,
    RequestCancelledError,
  ].map(kindOf);
}

/** The errors an operation of the finished document can answer. */
export function operationErrors(operation: Operation): ErrorKind[] {
  const codes = (operation[ERROR_CODES] as string[] | undefined) ?? [];
  return codes.map((code) => findKind(code)).filter((kind) => kind !== undefined);
}

/**
 * Adds to every operation the errors that follow from its shape and those of the whole service, and
 * their responses: in the service's own format, and as problem.
 */
export function withErrors(document: OpenApiDocument, service: ServiceErrors): OpenApiDocument {
  const complete = (operation: Operation): Operation => {
    const kinds = errorsOf(operation, service);
    return {
      ...operation,
      [ERROR_CODES]: kinds.map(({ code }) => code),
      responses: { ...operation.responses, ...responses(kinds, service.format) },
    };
  };
  const paths = mapValues(document.paths, (methods) => mapValues(methods, complete));
  const schemas = { ...document.components?.schemas, ...errorSchemas(service.format) };
  return { ...document, paths, components: { ...document.components, schemas } };
}

function errorsOf(operation: Operation, service: ServiceErrors): ErrorKind[] {
  const { parameters = [], requestBody } = operation;
  const implied = [
    ...(parameters.length > 0 || requestBody ? [ValidationError] : []),
    ...(parameters.some((parameter) => parameter.in === 'path') ? [RouteNotFoundError] : []),
    ...(requestBody ? [PayloadTooLargeError, UnsupportedMediaTypeError] : []),
    ...(service.everywhere ?? []),
    service.internal ?? AppError,
    ...(service.limited === false ? [] : [OverloadedError]),
    DeadlineExceededError,
  ].map(kindOf);
  const kinds = [...operationErrors(operation), ...implied];
  return [...new Map(kinds.map((kind) => [kind.code, kind])).values()];
}

function responses(kinds: readonly ErrorKind[], own: FormatName): Record<string, Json> {
  const byStatus = new Map<number, Map<FormatName, ErrorKind[]>>();
  for (const format of new Set<FormatName>([own, 'problem'])) {
    for (const kind of kinds) {
      const status = statusOf(kind, format);
      const byFormat = byStatus.get(status) ?? new Map<FormatName, ErrorKind[]>();
      byFormat.set(format, [...(byFormat.get(format) ?? []), kind]);
      byStatus.set(status, byFormat);
    }
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, byFormat]) => [String(status), response(byFormat)]),
  );
}

function response(byFormat: ReadonlyMap<FormatName, ErrorKind[]>): Json {
  const meanings = new Map(
    [...byFormat.values()].flat().map(({ code, meaning }) => [code, `\`${code}\`: ${meaning}`]),
  );
  const content = [...byFormat].map(([format, kinds]) => [
    formats[format].mediaType,
    {
      schema: errorSchema(
        format,
        kinds.map(({ code }) => code),
      ),
    },
  ]);
  return { description: [...meanings.values()].join(' '), content: Object.fromEntries(content) };
}

function mapValues<T>(record: Record<string, T>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
