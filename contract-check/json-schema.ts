/**
 * Which changes of a JSON Schema break somebody: rules for the part of the language that zod emits.
 *
 * Every rule asks one question of a reader and a writer. In a request the writer is a consumer of
 * the released schema and the reader is the provider of today; in a response they change places.
 *
 * @module
 */
import { ADVICE, type Finding, pointer } from './findings.ts';

/** A schema, or a part of one. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly [keyword: string]: unknown;
}

/** Whether the consumer or the provider writes the message. */
export type Direction = 'request' | 'response';

/** What one rule says of one place. */
export type Broken = Pick<Finding, 'rule' | 'pointer' | 'message' | 'advice'>;

/** One place of a message, as it was released and as it is today. */
interface Place {
  readonly old: JsonSchema;
  readonly now: JsonSchema;
  readonly reader: JsonSchema;
  readonly writer: JsonSchema;
  readonly direction: Direction;
  readonly at: string;
}

type Rule = (place: Place) => readonly Omit<Broken, 'pointer'>[];

/** Keywords that say nothing of what a message may hold. */
const SILENT = ['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples', 'id'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const EQUAL = [
  'pattern',
  'format',
  'multipleOf',
  'uniqueItems',
  'propertyNames',
  'contentEncoding',
];
const KNOWN = new Set([
  ...SILENT,
  ...LOWER,
  ...UPPER,
  ...EQUAL,
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const'],
  ...['anyOf', 'oneOf', '$ref'],
]);

/** A keyword that no rule knows could hide any change. */
const knownKeywords: Rule = ({ now }) =>
  Object.keys(now)
    .filter((keyword) => !KNOWN.has(keyword))
    .map((keyword) => ({
      rule: 'unknown-keyword',
      message: `no rule knows what "${keyword}" allows`,
      advice: 'Say it by other keywords, or add a rule to contract-check/json-schema.ts.',
    }));

const type: Rule = ({ reader, writer, old, now }) => {
  const readable = typesOf(reader);
  const unreadable = [...typesOf(writer)].filter(
    (each) => !readable.has('any') && !readable.has(each) && !covers(readable, each),
  );
  if (unreadable.length === 0) return [];
  const said = (schema: JsonSchema) => [...typesOf(schema)].join(' or ');
  const message = `the type was ${said(old)} and is ${said(now)}`;
  return [{ rule: 'type-changed', message, advice: ADVICE.newField }];
};

const propertyRemoved: Rule = ({ old, now }) =>
  propertiesOf(old)
    .filter((name) => !(name in (now.properties ?? {})))
    .map((name) => ({
      rule: 'property-removed',
      message: `"${name}" is gone`,
      advice: ADVICE.newVersion,
    }));

const requiredAdded: Rule = ({ old, now, direction }) =>
  (direction === 'request' ? (now.required ?? []) : [])
    .filter((name) => !old.required?.includes(name) && !hasDefault(now.properties?.[name]))
    .map((name) => ({
      rule: 'required-added',
      message: `"${name}" was not required and is`,
      advice: ADVICE.optional,
    }));

const requiredRemoved: Rule = ({ old, now, direction }) =>
  (direction === 'response' ? (old.required ?? []) : [])
    .filter((name) => name in (now.properties ?? {}) && !now.required?.includes(name))
    .map((name) => ({
      rule: 'required-removed',
      message: `"${name}" was always there and may be missing`,
      advice: ADVICE.newVersion,
    }));

const addedToClosed: Rule = ({ old, now, direction }) =>
  (direction === 'response' && old.additionalProperties === false ? propertiesOf(now) : [])
    .filter((name) => !(name in (old.properties ?? {})))
    .map((name) => ({
      rule: 'property-added-to-closed',
      message: `"${name}" is new, and those who read it refuse what they do not know`,
      advice: ADVICE.newVersion,
    }));

const closed: Rule = ({ old, now, direction }) =>
  direction === 'request' &&
  now.additionalProperties === false &&
  old.additionalProperties !== false
    ? [
        {
          rule: 'closed',
          message: 'fields that are not in the schema were overlooked and are refused',
          advice: ADVICE.newVersion,
        },
      ]
    : [];

const values: Rule = ({ reader, writer, direction }) => {
  const [readable, written] = [valuesOf(reader), valuesOf(writer)];
  if (!readable) return [];
  const [rule, did] =
    direction === 'request'
      ? ['enum-value-removed', 'was allowed and is refused']
      : ['enum-value-added', 'is new, and those who read it refuse what they do not know'];
  const advice = direction === 'request' ? ADVICE.newVersion : ADVICE.newField;
  if (!written) {
    return [{ rule, message: `only ${list(readable)} can be read of all that is written`, advice }];
  }
  return written
    .filter((value) => !readable.includes(value))
    .map((value) => ({ rule, message: `${JSON.stringify(value)} ${did}`, advice }));
};

const bounds: Rule = ({ reader, writer, old, now }) =>
  [...LOWER, ...UPPER].flatMap((keyword) => {
    const [limit, written] = [reader[keyword], writer[keyword]] as (number | undefined)[];
    if (limit === undefined) return [];
    const within =
      written !== undefined && (LOWER.includes(keyword) ? written >= limit : written <= limit);
    if (within) return [];
    const message = `${keyword} was ${said(old[keyword])} and is ${said(now[keyword])}`;
    return [{ rule: 'bound-changed', message, advice: ADVICE.newVersion }];
  });

/** Whether one pattern allows all that another does cannot be told. */
const equal: Rule = ({ reader, writer, old, now }) =>
  EQUAL.filter(
    (keyword) =>
      reader[keyword] !== undefined &&
      JSON.stringify(reader[keyword]) !== JSON.stringify(writer[keyword]),
  ).map((keyword) => ({
    rule: `${keyword}-changed`,
    message: `${keyword} was ${said(old[keyword])} and is ${said(now[keyword])}`,
    advice: ADVICE.newVersion,
  }));

/** Every rule, by name of the question it asks. */
const RULES: readonly Rule[] = [
  knownKeywords,
  type,
  propertyRemoved,
  requiredAdded,
  requiredRemoved,
  addedToClosed,
  closed,
  values,
  bounds,
  equal,
];

/**
 * Every change of a message that breaks who wrote or reads it by the released schema.
 *
 * @param at where the released schema stands, as a JSON pointer
 */
export function compareSchemas(
  old: JsonSchema,
  now: JsonSchema,
  direction: Direction,
  at = '',
): Broken[] {
  return compareAt({ old, now, direction, at }, { old, now });
}

type Roots = { readonly old: JsonSchema; readonly now: JsonSchema };
type Compared = Pick<Place, 'old' | 'now' | 'direction' | 'at'>;

function compareAt({ old, now, direction, at }: Compared, roots: Roots, depth = 0): Broken[] {
  // A schema that holds itself has been compared when it comes again.
  if (depth > 32) return [];
  const olds = alternatives(old, roots.old);
  const nows = alternatives(now, roots.now);
  const whole = { old: merged(olds), now: merged(nows) };
  if (olds.length === 1 && nows.length === 1) {
    const place = { old: olds[0] as JsonSchema, now: nows[0] as JsonSchema, direction, at };
    return [...apply(RULES, place), ...inside(place, roots, depth)];
  }
  // Of several alternatives, each is compared with the one of its type or of its constants.
  const found = apply([type], { ...whole, direction, at });
  for (const was of olds) {
    const is = nows.find((each) => keyOf(each) === keyOf(was));
    if (is) found.push(...compareAt({ old: was, now: is, direction, at }, roots, depth + 1));
    else if (direction === 'request' && !found.length) found.push(gone(was, at));
  }
  if (direction === 'response' && !found.length) {
    const added = nows.filter((each) => !olds.some((was) => keyOf(was) === keyOf(each)));
    found.push(...added.map((each) => gone(each, at)));
  }
  return found;
}

function gone(alternative: JsonSchema, at: string): Broken {
  const message = `one side has no alternative for ${keyOf(alternative)}`;
  return { rule: 'alternative-changed', pointer: at, message, advice: ADVICE.newVersion };
}

function apply(rules: readonly Rule[], compared: Compared): Broken[] {
  const { old, now, direction } = compared;
  const [reader, writer] = direction === 'request' ? [now, old] : [old, now];
  const place = { ...compared, reader, writer };
  return rules.flatMap((rule) => rule(place)).map((each) => ({ ...each, pointer: compared.at }));
}

/** What a place holds: properties that both have, entries, and values of further properties. */
function inside({ old, now, direction, at }: Compared, roots: Roots, depth: number): Broken[] {
  const deeper = (was: unknown, is: unknown, ...steps: string[]) =>
    isSchema(was) && isSchema(is)
      ? compareAt({ old: was, now: is, direction, at: at + pointer(...steps) }, roots, depth + 1)
      : [];
  return [
    ...propertiesOf(old).flatMap((name) =>
      deeper(old.properties?.[name], now.properties?.[name], 'properties', name),
    ),
    ...deeper(old.items, now.items, 'items'),
    ...deeper(old.additionalProperties, now.additionalProperties, 'additionalProperties'),
  ];
}

/** A schema without `$ref`, `anyOf`, `oneOf` and lists of types: one plain schema for each. */
function alternatives(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const { $ref, anyOf, oneOf, ...rest } = schema;
  if ($ref !== undefined) return alternatives({ ...resolve($ref, root), ...rest }, root);
  const several = anyOf ?? oneOf;
  if (several) return several.flatMap((each) => alternatives({ ...rest, ...each }, root));
  const { type } = rest;
  return Array.isArray(type) ? type.map((each) => ({ ...rest, type: each })) : [rest];
}

function resolve(ref: string, root: JsonSchema): JsonSchema {
  let found: unknown = root;
  for (const step of ref.split('/').slice(1)) {
    found = (found as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (!isSchema(found)) throw new TypeError(`${ref} is nowhere in its schema`);
  return found;
}

function merged(schemas: readonly JsonSchema[]): JsonSchema {
  return { type: [...new Set(schemas.flatMap((each) => [...typesOf(each)]))] };
}

/** By what an alternative is told from the others: its type, and constants of its properties. */
function keyOf(schema: JsonSchema): string {
  const constants = Object.entries(schema.properties ?? {})
    .filter(([, each]) => each.const !== undefined)
    .map(([name, each]) => `${name}=${JSON.stringify(each.const)}`);
  return [...typesOf(schema), ...constants].join(' ');
}

function typesOf({ type }: JsonSchema): ReadonlySet<string> {
  return new Set(type === undefined ? ['any'] : typeof type === 'string' ? [type] : type);
}

/** Every integer is a number. */
function covers(readable: ReadonlySet<string>, type: string): boolean {
  return type === 'integer' && readable.has('number');
}

function propertiesOf({ properties = {} }: JsonSchema): string[] {
  return Object.keys(properties);
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return schema.const === undefined ? schema.enum : [schema.const];
}

function hasDefault(schema: JsonSchema | undefined): boolean {
  return schema !== undefined && 'default' in schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

function said(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}

function list(of: readonly unknown[]): string {
  return of.map((each) => JSON.stringify(each)).join(', ');
}
