/**
 * Who this process is, told by its environment.
 *
 * @module
 */
import type { Identity } from '@breakwater/telemetry/core';
import { environment } from './environment.ts';
import { parseResourceAttributes } from './settings-reader.ts';

/**
 * Reads `OTEL_SERVICE_NAME`; then `service.name`, `service.namespace` and
 * `deployment.environment.name` of `OTEL_RESOURCE_ATTRIBUTES`; then `SERVICE_NAMESPACE` (default
 * `breakwater`) and `DEPLOYMENT_ENVIRONMENT` (default `development`). A service started as
 * `services/<name>/src/main.ts` is `<name>` without further words.
 */
export function readIdentity(
  env: NodeJS.ProcessEnv = environment(),
  entry: string | undefined = process.argv[1],
): Required<Identity> {
  const folder = entry?.match(/services\/([^/]+)\/src\/main\.[jt]s$/)?.[1];
  const given = parseResourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES);
  return {
    serviceName: env.OTEL_SERVICE_NAME || given['service.name'] || folder || 'unknown-service',
    namespace: given['service.namespace'] || env.SERVICE_NAMESPACE || 'breakwater',
    environment:
      given['deployment.environment.name'] || env.DEPLOYMENT_ENVIRONMENT || 'development',
  };
}
