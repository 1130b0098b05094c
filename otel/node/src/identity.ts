/**
 * Who this process is, told by its environment.
 *
 * @module
 */
import { parseResourceAttributes } from './settings-reader.ts';

/** What every span, log line and metric of this process is told apart by. */
export interface Identity {
  readonly serviceName: string;
  readonly namespace: string;
  readonly environment: string;
}

/**
 * Reads `OTEL_SERVICE_NAME`; then `service.name`, `service.namespace` and
 * `deployment.environment.name` of `OTEL_RESOURCE_ATTRIBUTES`; then `SERVICE_NAMESPACE` (default
 * `breakwater`) and `DEPLOYMENT_ENVIRONMENT` (default `development`). A service started as
 * `services/<name>/src/main.ts` is `<name>` without further words.
 */
export function readIdentity(
  env: NodeJS.ProcessEnv = process.env,
  entry: string | undefined = process.argv[1],
): Identity {
  const folder = entry?.match(/services\/([^/]+)\/src\/main\.[jt]s$/)?.[1];
  const given = parseResourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES);
  return {
    serviceName: env.OTEL_SERVICE_NAME || given['service.name'] || folder || 'unknown-service',
    namespace: given['service.namespace'] || env.SERVICE_NAMESPACE || 'breakwater',
    environment:
      given['deployment.environment.name'] || env.DEPLOYMENT_ENVIRONMENT || 'development',
  };
}
