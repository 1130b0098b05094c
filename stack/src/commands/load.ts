import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '@breakwater/cli/arguments';
import { StackError, UsageError } from '../errors.ts';
import { findComponent } from '../find-component.ts';
import { renderFailures } from '../load/failures.ts';
import { findKnee, renderKnee } from '../load/knee.ts';
import { runK6 } from '../load/run-k6.ts';
import { listScripts, renderScripts } from '../load/scripts.ts';

const K6 = fileURLToPath(new URL('../../../k6', import.meta.url));

/**
 * Runs a load script against the gateway of this machine; succeeds if its thresholds hold, a ramp
 * if its first step does. Without a name it lists the scripts.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const scripts = listScripts(join(K6, 'load'));
  const [name, ...others] = positionals;
  if (name === undefined) {
    process.stdout.write(`${renderScripts(scripts)}\n`);
    return 0;
  }
  if (others.length > 0) throw new UsageError('load runs one script at a time');
  const script = scripts.find((known) => known.name === name);
  if (!script) {
    const names = scripts.map((known) => known.name).join(', ');
    throw new UsageError(`there is no load script ${name}; there are ${names}`);
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
    script: script.path,
    name,
    testId,
    reports: join(K6, 'reports'),
    prometheusUrl: `http://127.0.0.1:${env.PROMETHEUS_PORT ?? 9090}`,
    env: { ...env, GATEWAY_URL: gatewayUrl },
    report: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  const knee = findKnee(result.summary);
  const passed = knee ? knee.rate > 0 : result.passed;
  const text = [
    renderFailures(result.failures),
    ...(knee ? [renderKnee(knee)] : []),
    ...(result.reportFile ? [`report: ${result.reportFile}`] : []),
    `${name} ${passed ? 'passed' : 'FAILED: a threshold did not hold'} (testid ${testId})`,
  ].join('\n');
  const report = { ...result, passed, ...(knee ? { knee } : {}) };
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : text}\n`);
  return passed ? 0 : 1;
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
