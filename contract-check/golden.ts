/**
 * Golden messages: what services of a release really sent, read again by the contract of today.
 * Required fields and types must be there; what is unknown is overlooked, as readers do.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeErrorBody, type FormatName } from '@breakwater/errors';
import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Contract, Release } from './contract.ts';
import type { OpenApiDocument, Operation } from './documents.ts';
import { ADVICE, type Finding, pointer } from './findings.ts';
import { shown } from './places.ts';

/** One request that a service took, and what it responded with. */
export interface RestGolden {
  /** As in the document: `GET /orders/{id}`. */
  readonly operation: string;
  readonly request: {
    /** With its query. */
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response: { readonly status: number; readonly body?: unknown };
}

/** One message of gRPC, as JSON that people read and as the bytes that were on the wire. */
export interface GrpcMessage {
  readonly json: JsonValue;
  readonly base64: string;
}

/** One unary call that a service took, and what it responded with. */
export interface GrpcGolden {
  /** As `breakwater.payments.v1.PaymentService/TakePayment`. */
  readonly rpc: string;
  readonly request: GrpcMessage;
  readonly response: GrpcMessage;
}

/** One failed response. */
export interface ErrorGolden {
  readonly code: string;
  readonly format: FormatName;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A document is no schema itself, and its formats stand for patterns that zod would check. */
const OPTIONS = { strict: false, validateFormats: false, validateSchema: false, meta: false };
const SCHEMA = 'https://breakwater.example/document';

/** A document whose parts can be asked whether a message is one of theirs. */
class Reader {
  readonly #text = new Ajv2020({ ...OPTIONS, coerceTypes: true });
  readonly #exact = new Ajv2020(OPTIONS);
  readonly document: OpenApiDocument;

  constructor(document: OpenApiDocument) {
    this.document = document;
    for (const ajv of [this.#text, this.#exact]) ajv.addSchema(document as object, SCHEMA);
  }

  /** What is wrong with a value at a place of the document; undefined when nothing is. */
  explain(at: string, value: unknown): string | undefined {
    return explain(this.#exact, at, value);
  }

  /** The same of a value that travels as text. */
  explainText(at: string, value: string): string | undefined {
    return explain(this.#text, at, { value }, 'value');
  }
}

function explain(ajv: Ajv2020, at: string, value: unknown, property?: string): string | undefined {
  const schema = {
    $ref: `${SCHEMA}#${at.replaceAll('%', '%25').replaceAll('{', '%7B').replaceAll('}', '%7D')}`,
  };
  const whole = property === undefined ? schema : { properties: { [property]: schema } };
  const validate = ajv.compile(whole);
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'it' });
}

/** Golden requests that are refused today, and golden responses that cannot be read today. */
export function checkRestGolden(released: Release, today: Pick<Contract, 'openapi'>): Finding[] {
  return Object.entries(released.golden.rest).flatMap(([service, goldens]) => {
    const file = shown(join(released.folder, 'golden/rest', `${service}.json`));
    const document = today.openapi[service];
    if (!document) return [];
    const [asProvider, asConsumer] = [new Reader(document), new Reader(tolerant(document))];
    return goldens.flatMap((golden, index) => {
      const said = (rule: string, at: string, message: string): Finding => ({
        ...{ kind: 'golden', rule, file, pointer: pointer(index) + at },
        message: `${service}: ${golden.operation}: ${message}`,
        advice: ADVICE.newVersion,
      });
      const operation = operationOf(document, golden.operation);
      if (!operation) return [said('operation-removed', '/operation', 'it is gone')];
      return [
        ...requestProblems(asProvider, operation, golden).map((problem) =>
          said('request-refused', '/request', problem),
        ),
        ...responseProblems(asConsumer, operation, golden).map((problem) =>
          said('response-unreadable', '/response', problem),
        ),
      ];
    });
  });
}

interface Located {
  readonly at: string;
  readonly path: string;
  readonly operation: Operation;
}

function operationOf(document: OpenApiDocument, name: string): Located | undefined {
  const [method = '', path = ''] = name.split(' ');
  const operation = document.paths[path]?.[method.toLowerCase()];
  return operation && { at: pointer('paths', path, method.toLowerCase()), path, operation };
}

const isDefined = (text: string | undefined) => text !== undefined;

function requestProblems(reader: Reader, { at, path, operation }: Located, golden: RestGolden) {
  const { request } = golden;
  const [given = '', query] = request.path.split('?');
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
  const values = (pattern.exec(given) ?? []).slice(1).map(decodeURIComponent);
  const sent: Readonly<Record<string, ReadonlyMap<string, string>>> = {
    path: new Map(names.map((name, index) => [String(name), values[index] ?? ''])),
    query: new Map(new URLSearchParams(query)),
    header: new Map(Object.entries(request.headers)),
  };
  const parameters = operation.parameters ?? [];
  const problems = parameters.map(({ name, in: where, required }, index) => {
    const value = sent[where]?.get(where === 'header' ? name.toLowerCase() : name);
    if (value !== undefined) {
      const problem = reader.explainText(`${at}/parameters/${index}/schema`, value);
      return problem && `${where} parameter ${name}: ${problem}`;
    }
    return required ? `${where} parameter ${name} is required and was not sent` : undefined;
  });
  const unknown = [...(sent.query?.keys() ?? [])]
    .filter((name) => !parameters.some((each) => each.in === 'query' && each.name === name))
    .map((name) => `query parameter ${name} is not known any more`);
  const media = 'application/json';
  const body = operation.requestBody?.content?.[media]?.schema
    ? reader.explain(`${at}/requestBody/content/${pointer(media).slice(1)}/schema`, request.body)
    : undefined;
  return [...problems, ...unknown, body && `body: ${body}`].filter(isDefined) as string[];
}

function responseProblems(reader: Reader, { at, operation }: Located, golden: RestGolden) {
  const { status, body } = golden.response;
  const declared = operation.responses?.[String(status)];
  if (!declared) return [`the status ${status} is not declared any more`];
  const media = 'application/json';
  if (!declared.content?.[media]) return [];
  const where = `${at}/responses/${status}/content/${pointer(media).slice(1)}/schema`;
  const problem = reader.explain(where, body);
  return problem === undefined ? [] : [`body of ${status}: ${problem}`];
}

/** A consumer overlooks what it does not know. */
function tolerant(document: OpenApiDocument): OpenApiDocument {
  return JSON.parse(JSON.stringify(document), (key, value) =>
    key === 'additionalProperties' && value === false ? true : value,
  );
}

/** Failed responses that a client of today takes for another error. */
export function checkErrorGolden(released: Release, today: Pick<Contract, 'errors'>): Finding[] {
  const file = shown(join(released.folder, 'golden/errors.json'));
  return released.golden.errors.flatMap(({ code, format, status, headers, body }, index) => {
    const error = decodeErrorBody(status, new Headers(headers), JSON.stringify(body));
    const now = today.errors[code]?.[format];
    if (error?.code === code && now === status) return [];
    const message =
      error?.code !== code
        ? `a client reads ${code} in the format ${format} as ${error?.code ?? 'no error'}`
        : `${code} in the format ${format} was ${status} and is ${now ?? 'gone'}`;
    const rule = 'error-unreadable';
    const advice = ADVICE.keepCode;
    return [{ kind: 'golden', rule, file, pointer: pointer(index), message, advice }];
  });
}

/** The messages of a Protobuf image, by the name of the method that takes and returns them. */
export class ProtoReader {
  readonly #registry;

  /** @param image what `buf build` writes */
  constructor(image: string) {
    this.#registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
  }

  /** @returns undefined where there is no such method */
  methodOf(rpc: string) {
    const [service = '', name] = rpc.split('/');
    return this.#registry.getService(service)?.methods.find((method) => method.name === name);
  }

  /** Every unary method of the packages that begin so, as `a.b.Service/Method`. */
  rpcs(prefix: string): string[] {
    return [...this.#registry].flatMap((each) =>
      each.kind === 'service' && each.typeName.startsWith(prefix)
        ? each.methods.map(({ name }) => `${each.typeName}/${name}`)
        : [],
    );
  }

  /** @throws {TypeError} when the bytes hold what the type does not */
  decode(type: DescMessage, bytes: Uint8Array): JsonValue {
    const message = fromBinary(type, bytes);
    if (message.$unknown?.length) throw new TypeError('it has fields that are not known any more');
    return toJson(type, message, { registry: this.#registry, useProtoFieldName: true });
  }

  encode(type: DescMessage, json: JsonValue): Uint8Array {
    return toBinary(type, fromJson(type, json, { registry: this.#registry }));
  }
}

/** Golden bytes that say something else today, or nothing. */
export function checkGrpcGolden(released: Release, image: string): Finding[] {
  const file = shown(join(released.folder, 'golden/grpc.json'));
  const reader = new ProtoReader(image);
  return released.golden.grpc.flatMap((golden, index) => {
    const said = (rule: string, at: string, message: string): Finding => ({
      ...{ kind: 'golden', rule, file, pointer: pointer(index) + at },
      message: `${golden.rpc}: ${message}`,
      advice: ADVICE.newVersion,
    });
    const method = reader.methodOf(golden.rpc);
    if (!method) return [said('operation-removed', '/rpc', 'it is gone')];
    const sides = [
      ['request', method.input],
      ['response', method.output],
    ] as const;
    return sides.flatMap(([side, type]) => {
      const problem = difference(reader, type, golden[side]);
      return problem ? [said(`${side}-unreadable`, pointer(side), `${side}: ${problem}`)] : [];
    });
  });
}

function difference(reader: ProtoReader, type: DescMessage, message: GrpcMessage) {
  try {
    const read = JSON.stringify(reader.decode(type, Buffer.from(message.base64, 'base64')));
    const meant = JSON.stringify(message.json);
    return read === meant ? undefined : `the bytes of ${meant} read as ${read}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The values at a path as `items[].id`; undefined where one is missing. */
export function valuesAt(body: unknown, path: string): unknown[] {
  let found = [body];
  for (const step of path.split('.')) {
    const name = step.replace(/\[\]$/, '');
    found = found.map((value) => (value as Record<string, unknown> | undefined)?.[name]);
    if (step.endsWith('[]')) found = found.flat();
  }
  return found;
}
