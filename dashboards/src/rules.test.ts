import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { findComponent } from '../../stack/src/find-component.ts';
import { DASHBOARDS } from './all.ts';
import { type PlacedPanel, place } from './dashboard.ts';
import { ROOT } from './generated.ts';
import { BACKENDS, OURS, SLO } from './metrics.ts';
import { GENERAL_RULES, readRules, ruleFiles } from './rules.ts';

const NAMES: string[] = [OURS, BACKENDS, SLO].flatMap((names) => Object.values(names));
const run = promisify(execFile);
const alerts = readRules().filter(({ alert }) => alert !== undefined);
const tests = globSync('otel/rules/tests/*.yaml', { cwd: ROOT });

async function promtool(context: TestContext, ...args: string[]): Promise<void> {
  const program = await findComponent('promtool');
  if ('reason' in program) return context.skip(program.reason);
  await run(program.path, args, { cwd: ROOT }).catch((error) => {
    assert.fail(`${error.stdout}${error.stderr}`);
  });
}

test('promtool accepts the rules', async (context) => {
  await promtool(context, 'check', 'rules', ...ruleFiles());
});

test('every alert fires, stays silent and resolves as it should', async (context) => {
  await promtool(context, 'test', 'rules', ...tests);
});

test('every alert is tested to fire and not to fire', () => {
  const text = tests.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  for (const { alert } of alerts) {
    assert.ok(text.includes(`ALERTS{alertname="${alert}"`), `${alert} has no test`);
  }
});

test('every alert names a panel about the same metric, and a runbook that exists', () => {
  for (const { file, alert, expr, annotations = {}, labels = {} } of alerts) {
    assert.ok(labels.severity, `${alert} has no severity`);
    // Beside the rules of the package, wherever somebody writes them; else from the repository's root.
    const from = file.startsWith(GENERAL_RULES) ? dirname(GENERAL_RULES) : '.';
    const runbook = join(ROOT, from, annotations.runbook ?? 'none');
    assert.ok(existsSync(runbook), `${alert} has no runbook`);
    const [uid, id] = (annotations.panel ?? '').split('/');
    const dashboard = DASHBOARDS.find((each) => each.uid === uid);
    assert.ok(dashboard, `${alert}: no dashboard ${uid}`);
    const panel = place(dashboard).find((each) => each.id === Number(id));
    assert.ok(panel && 'spec' in panel, `${alert}: ${annotations.panel} is no panel`);
    if (labels.severity === 'none') continue;
    const shown = queriesOf(panel);
    const metrics = NAMES.filter((name) => expr.includes(name));
    assert.ok(
      metrics.some((metric) => shown.includes(metric)) || expr.includes('slo:'),
      `${alert}: "${panel.spec.title}" shows none of ${metrics.join(', ')}`,
    );
  }
});

function queriesOf({ spec }: PlacedPanel): string {
  return JSON.stringify(spec.queries.map((query) => query.build('A')));
}
