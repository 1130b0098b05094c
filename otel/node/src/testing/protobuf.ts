/**
 * Reads protocol buffers without their schema: as much as OTLP needs.
 *
 * @module
 */

/** The fields of one message, by number, in the order they came. */
export type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

/**
 * Numbers come as `bigint` (fixed-size ones as their bits), texts and messages as bytes.
 *
 * @throws {RangeError} on bytes that are no message.
 */
export function readMessage(bytes: Buffer): Fields {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the message ends in mid-field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const value = (wireType: number): bigint | Buffer => {
    if (wireType === 0) return varint();
    if (wireType === 1) return take(8).readBigUInt64LE();
    if (wireType === 2) return take(Number(varint()));
    if (wireType === 5) return BigInt(take(4).readUInt32LE());
    throw new RangeError(`there is no wire type ${wireType}`);
  };

  while (at < bytes.length) {
    const tag = Number(varint());
    const values = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, values);
    values.push(value(tag & 7));
  }
  return fields;
}

/** All messages in a repeated field. */
export function messages(fields: Fields, number: number): Fields[] {
  return (fields.get(number) ?? []).map((value) => readMessage(value as Buffer));
}

/** A field's text; empty when it is absent. */
export function text(fields: Fields, number: number, encoding: BufferEncoding = 'utf8'): string {
  return ((fields.get(number)?.at(-1) as Buffer | undefined) ?? Buffer.alloc(0)).toString(encoding);
}

/** A field's number; 0 when it is absent. */
export function number(fields: Fields, field: number): number {
  return Number(fields.get(field)?.at(-1) ?? 0n);
}
