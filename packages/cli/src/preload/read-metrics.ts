/**
 * The metrics a program counts: in the registry of our libraries, or in the default one of
 * prom-client.
 *
 * @module
 */
import { findPackage } from './find-package.ts';

/** A page of metrics and its media type. */
export interface MetricsPage {
  readonly type: string;
  readonly text: string;
}

/** What a registry of prom-client has. */
interface Registry {
  readonly contentType: string;
  getMetricsAsArray(): readonly unknown[];
  metrics(): Promise<string>;
}

const NOTHING: MetricsPage = { type: 'text/plain; version=0.0.4', text: '' };

/** Read from the program's own copies; empty where it has none. */
export async function readMetrics(): Promise<MetricsPage> {
  for (const [name, key] of REGISTRIES) {
    const url = findPackage(name, '.');
    const module = url === undefined ? {} : await import(url);
    const registry: Registry | undefined = module[key] ?? module.default?.[key];
    // One that is installed need not be used.
    if (!registry || registry.getMetricsAsArray().length === 0) continue;
    return { type: registry.contentType, text: await registry.metrics() };
  }
  return NOTHING;
}

/** Packages and the name of their registry. */
const REGISTRIES = [
  ['@breakwater/telemetry', 'registry'],
  ['@breakwater/otel', 'registry'],
  ['prom-client', 'register'],
] as const;
