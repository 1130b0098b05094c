import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StackError, UsageError } from '../errors.ts';
import { findComponent } from '../find-component.ts';
import { renderFailures } from '../load/failures.ts';
import { runK6 } from '../load/run-k6.ts';
import { parseOptions } from './options.ts';

const K6 = fileURLToPath(new URL('../../../k6', import.meta.url));

/** Runs a load script against the gateway of this machine; succeeds if its thresholds hold. */
export async function run(args: readonly string[]): Promise<number> {
  const { json, words } = parseOptions(args, ['NAME']);
  const name = words[0] ?? '';
  const script = join(K6, 'load', `${name}.ts`);
  if (!/^[\w-]+$/.test(name) || !existsSync(script)) {
    throw new UsageError(`there is no load script ${name}; there are ${scripts().join(', ')}`);
  }
  const { env } = process;
  const program = await findComponent('k6', env);
  if (!('path' in program)) {
    throw new StackError(
      `k6 is missing: ${program.reason}. Build it with npm run stack:install -- k6`,
    );
  }
  const gatewayUrl = env.GATEWAY_URL ?? `http://127.0.0.1:${env.GATEWAY_PORT ?? 8080}`;
  await expectGateway(gatewayUrl);
  const testId = `${name}-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  const result = await runK6({
    binary: program.path,
    script,
    name,
    testId,
    reports: join(K6, 'reports'),
    prometheusUrl: `http://127.0.0.1:${env.PROMETHEUS_PORT ?? 9090}`,
    env: { ...env, GATEWAY_URL: gatewayUrl },
    report: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  const text = [
    renderFailures(result.failures),
    `report: ${result.reportFile}`,
    `${name} ${result.passed ? 'passed' : 'FAILED: a threshold did not hold'} (testid ${testId})`,
  ].join('\n');
  process.stdout.write(`${json ? JSON.stringify(result, null, 2) : text}\n`);
  return result.passed ? 0 : 1;
}

function scripts(): string[] {
  return readdirSync(join(K6, 'load')).map((file) => file.replace(/\.ts$/, ''));
}

/** Load goes to this machine only, and only where somebody listens. */
async function expectGateway(url: string): Promise<void> {
  const { hostname } = new URL(url);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    throw new StackError(`load goes to this machine only; GATEWAY_URL names ${hostname}`);
  }
  const healthy = await fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!healthy) {
    throw new StackError(`the gateway does not answer at ${url}. Start the stack with npm start.`);
  }
}
