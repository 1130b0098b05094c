/**
 * Whether providers offer what their consumers say they need, so that a change says whom it breaks.
 *
 * @module
 */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import type { Contract } from './contract.ts';
import type { OpenApiDocument, Operation } from './documents.ts';
import { operationCodes } from './error-codes.ts';
import { ADVICE, type Finding, pointer } from './findings.ts';
import { ProtoReader } from './golden.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Fields, Need, Statement } from './statements.ts';

export { readStatements } from './statements.ts';

/** What does not hold, as `rule: message`, and where in the statement. */
type Problem = readonly [rule: string, at: string, message: string];

/** Every statement that does not hold any more. */
export function checkConsumers(
  statements: readonly Statement[],
  today: Pick<Contract, 'openapi'>,
  image: string,
): Finding[] {
  const reader = new ProtoReader(image);
  return statements.flatMap(({ consumer, provider, file, operations, rpcs }) => {
    const document = today.openapi[provider];
    const problems: Problem[] = [
      ...(document ? [] : [['provider-missing', '', `there is no ${provider}`] as const]),
      ...Object.entries(operations).flatMap(([name, need]) =>
        document ? restProblems(document, name, need) : [],
      ),
      ...Object.entries(rpcs).flatMap(([name, need]) => [
        ...rpcProblems(reader, name, need),
        ...(document ? codeProblems(codesOf(document), name, need, 'rpcs') : []),
      ]),
    ];
    return problems.map(([rule, at, message]) => ({
      ...({ kind: 'consumer', rule, file, pointer: at, consumer } as const),
      message: `${consumer} needs of ${provider}: ${message}`,
      advice: ADVICE.tellConsumer,
    }));
  });
}

function restProblems(document: OpenApiDocument, name: string, need: Need): Problem[] {
  const [method = '', path = ''] = name.split(' ');
  const operation = document.paths[path]?.[method.toLowerCase()];
  const at = (...steps: string[]) => pointer('operations', name, ...steps);
  if (!operation) return [['operation-missing', at(), `${name} is not there`]];
  const root = document as unknown as JsonSchema;
  const request = contentOf(operation.requestBody);
  return [
    ...missingRequired(operation, need).map((field): Problem => {
      const message = `${name} wants ${field}, which is not sent`;
      return ['required-not-sent', at('sends'), message];
    }),
    ...Object.entries(need.sends).flatMap(([field, types]): Problem[] => {
      const problem = request && takes(root, request, field, types);
      return problem ? [['field-not-taken', at('sends', field), `${name}: ${problem}`]] : [];
    }),
    ...(['query', 'headers'] as const).flatMap((where) =>
      Object.keys(need[where])
        .filter((each) => !parametersOf(operation, where).some(({ name }) => name === each))
        .map((each): Problem => {
          const message = `${name} knows no ${where} parameter ${each}`;
          return ['parameter-not-taken', at(where, each), message];
        }),
    ),
    ...Object.entries(need.reads).flatMap(([field, types]) =>
      successes(operation).flatMap(([status, schema]): Problem[] => {
        const problem = gives(root, schema, field, types);
        const message = `${name} ${status}: ${problem}`;
        return problem ? [['field-not-given', at('reads', field), message]] : [];
      }),
    ),
    ...codeProblems(operationCodes(document).get(name)?.codes ?? [], name, need, 'operations'),
  ];
}

function codeProblems(
  offered: readonly string[],
  name: string,
  { codes }: Need,
  where: 'operations' | 'rpcs',
): Problem[] {
  return codes
    .filter((code) => !offered.includes(code))
    .map((code) => [
      'code-missing',
      pointer(where, name, 'codes'),
      `${name} does not respond with ${code}`,
    ]);
}

function codesOf(document: OpenApiDocument): string[] {
  return [...operationCodes(document).values()].flatMap(({ codes }) => codes);
}

function parametersOf({ parameters = [] }: Operation, where: 'query' | 'headers') {
  return parameters.filter((each) => each.in === (where === 'headers' ? 'header' : where));
}

/** What a request must have and the consumer does not send. */
function missingRequired(operation: Operation, need: Need): string[] {
  const sent = (where: 'query' | 'headers') => Object.keys(need[where]);
  const parameters = (['query', 'headers'] as const).flatMap((where) =>
    parametersOf(operation, where)
      .filter(({ name, required }) => required && !sent(where).includes(name))
      .map(({ name }) => `the ${where} parameter ${name}`),
  );
  const { required = [] } = contentOf(operation.requestBody) ?? {};
  return [
    ...parameters,
    ...required.filter((field) => !(field in need.sends)).map((field) => `the field ${field}`),
  ];
}

function successes({ responses = {} }: Operation): [status: string, schema: JsonSchema][] {
  return Object.entries(responses).flatMap(([status, response]) => {
    const schema = contentOf(response);
    return status.startsWith('2') && schema ? [[status, schema]] : [];
  });
}

function contentOf(part: Operation['requestBody']): JsonSchema | undefined {
  return part?.content?.['application/json']?.schema as JsonSchema | undefined;
}

interface Found {
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** The schema of a field, and whether it is always there where what holds it is. */
function find(root: JsonSchema, schema: JsonSchema, path: string): Found | undefined {
  let found: Found = { schema: follow(root, schema), required: true };
  for (const step of path.split('.')) {
    const name = step.replace(/\[\]$/, '');
    const of: JsonSchema = found.schema;
    const inner: JsonSchema | undefined = of.properties?.[name];
    if (!inner) return undefined;
    const value = follow(root, inner);
    found = {
      schema: step.endsWith('[]') && value.items ? follow(root, value.items) : value,
      required: found.required && (of.required ?? []).includes(name),
    };
  }
  return found;
}

function follow(root: JsonSchema, schema: JsonSchema): JsonSchema {
  let found: unknown = schema;
  const { $ref } = schema;
  if ($ref === undefined) return schema;
  found = root;
  for (const step of $ref.split('/').slice(1)) found = (found as Record<string, unknown>)[step];
  return found as JsonSchema;
}

function typesOf(schema: JsonSchema): string[] {
  if (schema.anyOf) return schema.anyOf.flatMap(typesOf);
  const { type = [] } = schema;
  return typeof type === 'string' ? [type] : [...type];
}

function valuesOf(schema: JsonSchema): unknown[] | undefined {
  return schema.const === undefined ? schema.enum?.slice() : [schema.const];
}

/** Why a request may not hold such a field; undefined when it may. */
function takes(root: JsonSchema, schema: JsonSchema, field: string, types: Fields[string]) {
  const found = find(root, schema, field);
  if (!found) return `${field} is not taken`;
  if (typeof types !== 'string') {
    const taken = valuesOf(found.schema);
    const refused = types.filter((value) => taken && !taken.includes(value));
    return refused.length > 0 ? `${field} may not be ${refused.join(', ')}` : undefined;
  }
  const taken = typesOf(found.schema);
  const refused = types.split('|').filter((type) => taken.length > 0 && !taken.includes(type));
  return refused.length > 0 ? `${field} is ${taken.join('|')}, not ${types}` : undefined;
}

/** Why a response may not hold such a field; undefined when it always does. */
function gives(root: JsonSchema, schema: JsonSchema, field: string, types: Fields[string]) {
  const found = find(root, schema, field);
  if (!found) return `${field} is not there`;
  if (!found.required) return `${field} may be missing`;
  if (typeof types !== 'string') {
    const given = valuesOf(found.schema);
    const unknown = given?.filter((value) => !types.includes(String(value)));
    if (!given) return `${field} may be anything`;
    return unknown?.length ? `${field} may be ${unknown.join(', ')} as well` : undefined;
  }
  const given = typesOf(found.schema);
  const unread = given.filter((type) => !types.split('|').includes(type));
  return unread.length > 0 ? `${field} is ${given.join('|')}, not ${types}` : undefined;
}

function rpcProblems(reader: ProtoReader, name: string, need: Need): Problem[] {
  const method = reader.methodOf(name);
  const at = (...steps: string[]) => pointer('rpcs', name, ...steps);
  if (!method) return [['operation-missing', at(), `${name} is not there`]];
  const sides = [
    ['sends', method.input],
    ['reads', method.output],
  ] as const;
  return sides.flatMap(([side, type]) =>
    Object.entries(need[side]).flatMap(([field, types]): Problem[] => {
      const problem = protoProblem(type, field, types);
      const rule = side === 'sends' ? 'field-not-taken' : 'field-not-given';
      return problem ? [[rule, at(side, field), `${name}: ${problem}`]] : [];
    }),
  );
}

function protoProblem(message: DescMessage, path: string, types: Fields[string]) {
  let inside: DescMessage | undefined = message;
  let field: DescField | undefined;
  for (const step of path.split('.')) {
    field = inside?.fields.find((each) => each.name === step.replace(/\[\]$/, ''));
    if (!field) return `${path} is not there`;
    inside = field.message;
  }
  if (!field) return `${path} is not there`;
  if (typeof types !== 'string') {
    const names: string[] = field.enum?.values.map((value) => value.name) ?? [];
    const missing = types.filter((value) => !names.includes(value));
    return missing.length > 0 ? `${path} is never ${missing.join(', ')}` : undefined;
  }
  const type = field.message?.typeName ?? field.enum?.typeName ?? scalarName(field);
  return type === types ? undefined : `${path} is ${type}, not ${types}`;
}

function scalarName(field: DescField): string {
  return field.scalar === undefined ? 'unknown' : ScalarType[field.scalar].toLowerCase();
}
