import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addresses, Backends } from '../../dashboards/src/live/backends.ts';
import { driveScenarios } from '../../dashboards/src/live/scenarios.ts';
import { type Step, stepsOf } from '../../dashboards/src/live/steps.ts';
import {
  type LiveReport,
  liveProblems,
  verifyLive,
} from '../../dashboards/src/live/verify-live.ts';
import { type Model, readModel } from '../../dashboards/src/offline/model.ts';
import { TestStack } from './test-stack.ts';

const stack = new TestStack();
const at = addresses(stack.env as NodeJS.ProcessEnv);
before(() => stack.up());
after(() => stack.down());

async function verify(
  model: Model,
  steps: readonly Step[],
  load: boolean,
): Promise<{ report: LiveReport; problems: string[] }> {
  const phases = await driveScenarios({
    at,
    controlToken: 'breakwater-dev',
    file: stack.composeFile,
    load,
    steps,
    report: (sentence) => console.log(`# ${sentence}`),
  });
  const report = await verifyLive(model, phases, new Backends(at));
  return { report, problems: liveProblems(report) };
}

test('panels, links and alerts hold on live backends', async () => {
  // The other faults are left to npm run dashboards:verify, which takes eleven minutes.
  const steps = stepsOf(['provider-503', 'client-errors']);
  const { report, problems } = await verify(await readModel(), steps, true);
  const { exemplarsFollowed } = report.links;
  console.log(`# ${report.panels.length} panels; ${exemplarsFollowed} failures followed`);
  assert.deepEqual(problems, []);
  assert.ok(exemplarsFollowed >= 20);
  assert.deepEqual(report.alerts.flatMap(({ alert, live }) => (live ? [alert] : [])).sort(), [
    'CircuitOpen',
    'DeadMansSwitch',
    'ErrorBudgetBurnsDemo',
    'TechnicalErrors',
  ]);
});
