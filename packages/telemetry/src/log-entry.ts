/**
 * What a call of the logger says, as one object that winston's transports understand.
 *
 * @module
 */
import type winston from 'winston';
import { FIELDS } from './names.ts';

/** Where winston's transports look for the level, and formats for the arguments. */
const LEVEL = Symbol.for('level');
const SPLAT = Symbol.for('splat');

/**
 * The entry of `logger.<level>(...args)`: a text, or an error, and then fields and errors in any
 * number; what is neither stands under `arguments`. winston's own method throws on a frozen object
 * and on a getter that throws, writes into the object it is given, and leaves out all but one
 * argument, and that one as well where the text holds a "%d".
 */
export function logEntry(
  level: string,
  args: readonly unknown[],
): winston.Logform.TransformableInfo {
  const [first, ...rest] = args;
  const fields: Record<string | symbol, unknown> = {};
  const others: unknown[] = [];
  let message = first;
  if (first instanceof Error) {
    message = first.message || first.name;
    addError(fields, first);
  } else if (hasFields(first)) {
    addFields(fields, first);
    message = fields.message;
  }
  for (const argument of rest) {
    if (argument === undefined || argument === null) continue;
    if (argument instanceof Error && fields[FIELDS.exceptionType] === undefined) {
      addError(fields, argument);
      message = `${message} ${argument.message}`;
    } else if (hasFields(argument)) {
      fields.message = undefined;
      addFields(fields, argument);
      // Only the logger writes this field; winston puts it behind the text.
      if (typeof fields.message === 'string') message = `${message} ${fields.message}`;
    } else others.push(argument);
  }
  if (others.length > 0) fields.arguments = others;
  fields.level = level;
  fields.message = message;
  fields[LEVEL] = level;
  fields[SPLAT] = rest;
  return fields as unknown as winston.Logform.TransformableInfo;
}

function addError(fields: Record<string, unknown>, error: Error): void {
  addFields(fields, error);
  fields[FIELDS.exceptionType] = error.name;
  fields[FIELDS.exceptionMessage] = error.message;
  fields[FIELDS.exceptionStack] = error.stack;
  if (error.cause !== undefined) fields.cause = error.cause;
  if (error instanceof AggregateError) fields.errors = error.errors;
}

/** Plain objects and instances of classes, but no lists, maps, dates or errors. */
function hasFields(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function addFields(fields: Record<string, unknown>, source: object): void {
  try {
    Object.assign(fields, source);
  } catch {
    for (const key of Object.keys(source)) fields[key] = readable(source, key);
  }
}

function readable(source: object, key: string): unknown {
  try {
    return (source as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]';
  }
}
