/**
 * A server of a service under test, and clients of it.
 *
 * @module
 */
import { type DependencyOptions, Resilience } from '@breakwater/resilience';
import { type TestTelemetry, testTelemetry } from '@breakwater/testing';
import { createGrpcClient, type GrpcClient, type GrpcClientOptions } from '../client.ts';
import { GrpcServer, type GrpcServerOptions, type Handlers } from '../server.ts';
import { TodoService } from './gen/breakwater/testing/v1/todo_pb.ts';

/** What responds to `GetTodo`. */
export type GetTodo = Handlers<typeof TodoService>['getTodo'];

/** A server that listens, and what it has told. */
export interface TodoServer extends TestTelemetry, AsyncDisposable {
  readonly server: GrpcServer;
  readonly port: number;
  readonly url: string;
  /** A client of it; closed with the server. */
  client(options?: Partial<GrpcClientOptions>): GrpcClient;
}

/** One attempt, which nothing stops: every outcome stands for itself. */
export const PLAIN: DependencyOptions = {
  timeoutMs: 5_000,
  retry: false,
  breaker: false,
  bulkhead: false,
};

/** Makes a client of a server somewhere. */
export function clientOf(url: string, options: Partial<GrpcClientOptions> = {}): GrpcClient {
  const resilience = new Resilience({ metrics: false });
  return createGrpcClient({ name: 'todo', url, resilience, policy: PLAIN, ...options });
}

/** Serves todos on a free port. */
export async function serveTodos(
  getTodo: GetTodo = async ({ id }) => ({ id, title: `Todo ${id}` }),
  options: Partial<GrpcServerOptions> = {},
): Promise<TodoServer> {
  const telemetry = testTelemetry('todo');
  const server = new GrpcServer({ name: 'todo', ...telemetry, ...options });
  server.add(TodoService, { getTodo } as Handlers<typeof TodoService>);
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const clients: GrpcClient[] = [];
  return {
    ...telemetry,
    server,
    port,
    url,
    client(given) {
      const client = clientOf(url, given);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      server.destroy();
    },
  };
}
