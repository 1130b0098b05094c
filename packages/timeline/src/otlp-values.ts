/**
 * Values, times and ids of OTLP in JSON.
 *
 * @module
 */
import type { Attributes } from './model.ts';

/** An attribute. */
export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

/** A value of any of the types that OTLP has. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
  readonly bytesValue?: string;
}

/** Nanoseconds as text to milliseconds; a double would lose the last digits of the text. */
export function milliseconds(nanoseconds: string | number | undefined): number {
  const text = String(nanoseconds ?? 0).padStart(7, '0');
  return Number(`${text.slice(0, -6)}.${text.slice(-6)}`);
}

/** Attributes as plain values, by key. */
export function attributes(pairs: readonly KeyValue[] | undefined): Attributes {
  return Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, plain(value)]));
}

/** A value as JSON has it. */
export function plain(value: AnyValue | undefined): unknown {
  if (!value) return undefined;
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue) return attributes(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue;
}

/** OTLP/JSON wants ids in hex; protobuf's own JSON mapping has base64. */
export function hexId(id: string | undefined, digits: number): string {
  if (id === undefined) return '';
  if (id.length === digits) return id.toLowerCase();
  return Buffer.from(id, 'base64').toString('hex').padStart(digits, '0');
}
