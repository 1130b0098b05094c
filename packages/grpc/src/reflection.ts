/**
 * What the reflection service tells of the services there are.
 *
 * @module
 */
import { create, type DescFile, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { ReflectionService } from '@grpc/reflection';

/** The reflection service of these; what it is made of is loaded only where it is wanted. */
export async function reflectionOf(services: readonly DescService[]): Promise<ReflectionService> {
  const [{ ReflectionService }, { loadFileDescriptorSetFromBuffer }] = await Promise.all([
    import('@grpc/reflection'),
    import('@grpc/proto-loader'),
  ]);
  const files = new Map<string, DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file.name)) return;
    for (const dependency of file.dependencies) add(dependency);
    files.set(file.name, file);
  };
  for (const service of services) add(service.file);
  const set = create(FileDescriptorSetSchema, {
    file: [...files.values()].map(({ proto }) => proto),
  });
  const bytes = Buffer.from(toBinary(FileDescriptorSetSchema, set));
  return new ReflectionService(loadFileDescriptorSetFromBuffer(bytes));
}
