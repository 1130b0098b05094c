import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { METRICS, registry } from '@breakwater/telemetry';
import { createLogger } from './logger.ts';

const before = { ...process.env };
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'logger-'));
});
afterEach(() => {
  process.env = { ...before };
  rmSync(directory, { recursive: true });
});

test('a logger is what the environment says, and counts in the registry of the process', async () => {
  Object.assign(process.env, { OTEL_SERVICE_NAME: 'todo', LOG_DIR: directory, LOG_LEVEL: 'WARN' });
  const logger = createLogger({ write: () => undefined });
  logger.info('left out');
  logger.warn('kept');
  const lines = readFileSync(join(directory, 'todo.log'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => [JSON.parse(line)['service.name'], JSON.parse(line).message]),
    [['todo', 'kept']],
  );
  assert.match(
    await registry.metrics(),
    new RegExp(`^${METRICS.logLines}\\{level="warn"\\} 1$`, 'm'),
  );
});

test('an option goes before the environment, and a level that is none is named by its variable', () => {
  Object.assign(process.env, { LOG_DIR: '/dev/null/nowhere', LOG_LEVEL: 'loud' });
  const logger = createLogger({ directory: undefined, level: 'debug', write: () => undefined });
  assert.equal(logger.level, 'debug');
  assert.throws(
    () => createLogger({ directory: undefined }),
    /^TelemetrySettingsError: LOG_LEVEL=/,
  );
});
