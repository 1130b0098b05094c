/**
 * Protobuf-ES descriptors as `@grpc/grpc-js` wants its services.
 *
 * @module
 */
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';

/** The path of a method, as `/todo.v1.TodoService/GetTodo`. */
export function pathOf(method: DescMethodUnary): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** The methods of a service that take one message and give one. */
export function unaryMethods(service: DescService): DescMethodUnary[] {
  return service.methods.filter(
    (method): method is typeof method & DescMethodUnary => method.methodKind === 'unary',
  );
}

/** Bytes of a message, from whatever it is made of. */
export function serialize<S extends DescMessage>(schema: S, init: MessageInitShape<S>): Buffer {
  const bytes = toBinary(schema, create(schema, init));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The message in the bytes; fields that are not known are kept. @throws Error for anything else */
export function deserialize<S extends DescMessage>(schema: S, bytes: Buffer): MessageShape<S> {
  return fromBinary(schema, bytes);
}
