/**
 * What `breakwater run` loads into a program before its first line: `--import` of `NODE_OPTIONS`, and
 * so into every Node.js process below it. Package managers in between are left alone.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { LOGS, RUN_FOLDER, TARGETS } from '../run/hand-over.ts';

/** `npm`, `npx` and their like start the program; they are not it. */
const PACKAGE_MANAGER = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli)?(\.[cm]?js)?$/;

const folder = process.env[RUN_FOLDER];
const isProgram = isMainThread && !PACKAGE_MANAGER.test(basename(process.argv[1] ?? ''));

if (folder !== undefined && isProgram) {
  const service = process.env.OTEL_SERVICE_NAME || 'unknown-service';
  const paths = { logs: join(folder, LOGS), targets: join(folder, TARGETS) };
  for (const path of Object.values(paths)) mkdirSync(path, { recursive: true });
  // Tracing first: what it patches should not have been imported before.
  const { startTracing } = await import('./start-tracing.ts');
  await startTracing();
  const [{ teeOutput }, { announceMetrics }] = await Promise.all([
    import('./tee-output.ts'),
    import('./announce-metrics.ts'),
  ]);
  teeOutput(paths.logs, service);
  announceMetrics(paths.targets, service);
}
