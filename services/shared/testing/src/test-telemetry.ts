/**
 * Telemetry of one app under test, apart from that of the process.
 *
 * @module
 */
import { createLogger, type Logger } from '@breakwater/otel';
import { Registry, type RegistryContentType } from 'prom-client';

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: string;
  readonly message: string;
};

/** What an app under test is given, and what it has logged. */
export interface TestTelemetry {
  readonly logger: Logger;
  readonly registry: Registry;
  /** Every line logged so far, oldest first. */
  readonly lines: LogLine[];
}

/** A logger that writes to memory, and a registry of its own. */
export function testTelemetry(serviceName = 'test'): TestTelemetry {
  const registry: Registry<RegistryContentType> = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const lines: LogLine[] = [];
  const logger = createLogger({
    identity: { serviceName, namespace: 'test', environment: 'test' },
    directory: undefined,
    write: (line) => lines.push(JSON.parse(line)),
    registry: registry as Registry,
  });
  return { logger, registry: registry as Registry, lines };
}
