/**
 * A real PostgreSQL server without an installation: the binaries come from npm.
 *
 * The stack runs one as a process of its own; tests take a throw-away one.
 *
 * @example
 * const postgres = await temporaryPostgres();
 * // … connect to postgres.url, as a role that owns this database only …
 * await postgres.stop();
 *
 * @module
 */
export { type Binaries, findBinaries } from './binaries.ts';
export {
  type ClusterOptions,
  initialiseCluster,
  type ServerOptions,
  serverCommand,
} from './cluster.ts';
export { type ClusterRoles, createRole, type DatabaseRole, ensureRoles } from './roles.ts';
export type { UserCommand } from './server-user.ts';
export { type TemporaryPostgres, temporaryPostgres } from './temporary-postgres.ts';
