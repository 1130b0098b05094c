/**
 * Who this process is, told by its environment.
 *
 * @module
 */

/** The resource every span and log line of this process belongs to. */
export interface Identity {
  readonly serviceName: string;
  readonly namespace: string;
  readonly environment: string;
}

/**
 * Reads `OTEL_SERVICE_NAME`, `SERVICE_NAMESPACE` (default `breakwater`) and
 * `DEPLOYMENT_ENVIRONMENT` (default `development`). A service started as
 * `services/<name>/src/main.ts` is `<name>` without further words.
 */
export function readIdentity(
  env: NodeJS.ProcessEnv = process.env,
  entry: string | undefined = process.argv[1],
): Identity {
  const folder = entry?.match(/services\/([^/]+)\/src\/main\.[jt]s$/)?.[1];
  return {
    serviceName: env.OTEL_SERVICE_NAME || folder || 'unknown-service',
    namespace: env.SERVICE_NAMESPACE || 'breakwater',
    environment: env.DEPLOYMENT_ENVIRONMENT || 'development',
  };
}
