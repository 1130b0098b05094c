/**
 * Protobuf's wire format, as far as OTLP needs it.
 *
 * @module
 */
import type { HrTime } from '@opentelemetry/api';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const TWO_32 = 2 ** 32;
/** Attribute names that are kept as they are written; they stand in the code, but nothing says so. */
const MAX_NAMES = 1_000;
/** A byte of text takes three of UTF-8 at most, and a name or a number with its tags at most this. */
const SLACK = 64;
/** Below this length a loop is faster than a call into the platform. */
const SHORT = 48;

/** Memory that many messages share: one object for each would keep the garbage collector busy. */
const CHUNK_BYTES = 64 * 1024;

/** A message that was written, somewhere in a chunk of memory. */
export interface Written {
  readonly chunk: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Writes fields one after the other. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  /** Where the message begins that is being written. */
  #from = 0;
  #at = 0;
  readonly #names = new Map<string, Uint8Array>();

  /** Ends a message; what is written from now on is another one. */
  take(): Written {
    const written = { chunk: this.#bytes, start: this.#from, end: this.#at };
    this.#from = this.#at;
    return written;
  }

  /** A field of fields; `write` writes them. */
  message(field: number, write: () => void): void {
    this.#tag(field, BYTES);
    const start = this.#begin();
    write();
    this.#end(start);
  }

  /** The beginning of a field of fields whose length is known. */
  prefix(field: number, length: number): void {
    this.#tag(field, BYTES);
    this.#varint(length);
  }

  text(field: number, text: string): void {
    this.#tag(field, BYTES);
    this.#text(text);
  }

  /** Bytes that stand for text of hexadecimal digits. */
  hex(field: number, digits: string): void {
    const { length } = digits;
    this.#tag(field, BYTES);
    this.#varint(length / 2);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i += 2) {
      bytes[this.#at++] = (digit(digits, i) << 4) | digit(digits, i + 1);
    }
  }

  /** A whole number of at most 32 bits, 0 as well. */
  uint(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  /** Nanoseconds since the epoch. */
  time(field: number, [seconds, nanos]: HrTime): void {
    this.#tag(field, FIXED64);
    // In two halves of 16 bits and more, each exact as a double, as the sum is not.
    const low = (seconds & 0xffff) * 1e9 + nanos;
    const high = Math.floor(seconds / 0x1_0000) * 1e9;
    const sum = (high % 0x1_0000) * 0x1_0000 + low;
    this.#at = this.#bytes.writeUInt32LE(sum % TWO_32, this.#at);
    const carry = Math.floor(sum / TWO_32);
    this.#at = this.#bytes.writeUInt32LE((Math.floor(high / 0x1_0000) + carry) % TWO_32, this.#at);
  }

  /** One `KeyValue` for each attribute. */
  attributes(field: number, attributes: Readonly<Record<string, unknown>>): void {
    for (const name in attributes) {
      if (!Object.hasOwn(attributes, name)) continue;
      this.#tag(field, BYTES);
      this.#keyValue(name, attributes[name]);
    }
  }

  #keyValue(name: string, value: unknown): void {
    const start = this.#begin();
    this.#copy(this.#name(name));
    this.#tag(2, BYTES);
    const valueStart = this.#begin();
    this.#anyValue(value);
    this.#end(valueStart);
    this.#end(start);
  }

  /** An `AnyValue` of opentelemetry/proto/common/v1/common.proto; empty for what it has no field for. */
  #anyValue(value: unknown): void {
    if (typeof value === 'string') this.text(1, value);
    else if (typeof value === 'boolean') this.uint(2, value ? 1 : 0);
    else if (typeof value === 'number') this.#number(value);
    else if (Array.isArray(value)) {
      this.message(5, () => {
        for (const item of value) this.message(1, () => this.#anyValue(item));
      });
    } else if (value instanceof Uint8Array) {
      this.#tag(7, BYTES);
      this.#varint(value.length);
      this.#copy(value);
    } else if (typeof value === 'object' && value !== null) {
      this.message(6, () => this.attributes(1, value as Record<string, unknown>));
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < TWO_32) {
      this.uint(3, value);
    } else if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
      this.#tag(3, VARINT);
      this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
    } else {
      this.#tag(4, FIXED64);
      this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    }
  }

  #copy(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    const to = this.#bytes;
    const at = this.#at;
    if (length < SHORT) for (let i = 0; i < length; i++) to[at + i] = bytes[i] as number;
    else to.set(bytes, at);
    this.#at += length;
  }

  #name(name: string): Uint8Array {
    const known = this.#names.get(name);
    if (known) return known;
    const single = new ByteWriter();
    single.text(1, name);
    const { chunk, start, end } = single.take();
    const written = Uint8Array.from(chunk.subarray(start, end));
    if (this.#names.size < MAX_NAMES) this.#names.set(name, written);
    return written;
  }

  #text(text: string): void {
    this.#reserve(text.length * 3);
    const start = this.#begin();
    if (!this.#ascii(text)) this.#at += this.#bytes.write(text, this.#at, 'utf8');
    this.#end(start);
  }

  #ascii(text: string): boolean {
    const { length } = text;
    if (length >= SHORT) return false;
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at + i] = code;
    }
    this.#at += length;
    return true;
  }

  #tag(field: number, type: number): void {
    this.#reserve(0);
    this.#varint((field << 3) | type);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  #bigVarint(value: bigint): void {
    let rest = value;
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  /** Leaves one byte for a length that is not known as yet. @returns where, from the message's start */
  #begin(): number {
    return ++this.#at - this.#from;
  }

  /** Writes the length of what was written since, which moves where that takes more than a byte. */
  #end(begun: number): void {
    const start = this.#from + begun;
    const length = this.#at - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    this.#reserve(0);
    const at = this.#from + begun;
    this.#bytes.copyWithin(at + more, at, this.#at);
    this.#at = at - 1;
    this.#varint(length);
    this.#at += length;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes + SLACK;
    if (needed <= this.#bytes.length) return;
    const length = this.#at - this.#from;
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, (length + bytes + SLACK) * 2));
    this.#bytes.copy(larger, 0, this.#from, this.#at);
    this.#from = 0;
    this.#at = length;
    this.#bytes = larger;
  }
}

function digit(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57;
}
