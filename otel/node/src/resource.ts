/**
 * The resource of this process's spans.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';
import { FIELDS, type Identity } from '@breakwater/telemetry/core';
import {
  defaultResource,
  detectResources,
  hostDetector,
  osDetector,
  processDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import type { DetectorName } from './settings.ts';
import { parseResourceAttributes } from './settings-reader.ts';

const DETECTORS: Readonly<Record<Exclude<DetectorName, 'env'>, ResourceDetector>> = {
  host: hostDetector,
  os: osDetector,
  process: { detect: detectProcess },
  serviceinstance: serviceInstanceIdDetector,
};

export interface ResourceOptions {
  readonly identity: Required<Identity>;
  readonly detectors: readonly DetectorName[];
  readonly env: NodeJS.ProcessEnv;
  /** The script that was started, whose package says the version. */
  readonly entry: string | undefined;
}

/**
 * `telemetry.sdk.*`, what the detectors find, `service.version` of the entry's package, the identity
 * and, before all of these, `OTEL_RESOURCE_ATTRIBUTES`; only `OTEL_SERVICE_NAME` goes before it.
 */
export function createResource({ identity, detectors, env, entry }: ResourceOptions): Resource {
  const found = detectors.flatMap((name) => (name === 'env' ? [] : [DETECTORS[name]]));
  const version = packageVersion(entry);
  const given = detectors.includes('env')
    ? parseResourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES)
    : {};
  return defaultResource()
    .merge(detectResources({ detectors: found }))
    .merge(resourceFromAttributes(version === undefined ? {} : { 'service.version': version }))
    .merge(resourceFromAttributes(given))
    .merge(
      resourceFromAttributes({
        [FIELDS.serviceName]: identity.serviceName,
        [FIELDS.serviceNamespace]: identity.namespace,
        [FIELDS.environment]: identity.environment,
      }),
    );
}

/**
 * Without the command line, which the SDK's detector sends whole: people leave passwords in it, and
 * Jaeger stores it once a span.
 */
function detectProcess() {
  const { 'process.command_args': _, ...attributes } = processDetector.detect().attributes ?? {};
  return { attributes };
}

function packageVersion(entry: string | undefined): string | undefined {
  if (entry === undefined) return undefined;
  try {
    const path = findPackageJSON(pathToFileURL(entry));
    const { version } = JSON.parse(readFileSync(path ?? '', 'utf8'));
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
