/**
 * Telemetry of one app under test, apart from that of the process.
 *
 * @module
 */
import { createLogger, createRegistry, type Logger } from '@breakwater/otel';
import type { Registry } from 'prom-client';

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
  const registry = createRegistry() as Registry;
  const lines: LogLine[] = [];
  const logger = createLogger({
    identity: { serviceName, namespace: 'test', environment: 'test' },
    directory: undefined,
    write: (line) => lines.push(JSON.parse(line)),
    registry,
  });
  return { logger, registry, lines };
}
