// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Grafana writes its placeholders so
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addresses, Backends } from '../../dashboards/src/live/backends.ts';
import { driveScenarios, type Phase } from '../../dashboards/src/live/scenarios.ts';
import { STEPS, type Step, stepsOf } from '../../dashboards/src/live/steps.ts';
import { liveProblems, verifyLive } from '../../dashboards/src/live/verify-live.ts';
import { type Model, readModel } from '../../dashboards/src/offline/model.ts';
import { type Edits, TestStack } from './test-stack.ts';

const model = await readModel();

function drive(stack: TestStack, steps: readonly Step[], load: boolean): Promise<Phase[]> {
  return driveScenarios({
    at: addresses(stack.env as NodeJS.ProcessEnv),
    controlToken: 'breakwater-dev',
    file: stack.composeFile,
    load,
    steps,
    report: (sentence) => console.log(`# ${sentence}`),
  });
}

function verify(stack: TestStack, phases: readonly Phase[], changed: Model = model) {
  return verifyLive(changed, phases, new Backends(addresses(stack.env as NodeJS.ProcessEnv)));
}

describe('dashboards on live backends', () => {
  const stack = new TestStack();
  let phases: Phase[];
  before(async () => {
    await stack.up();
    phases = await drive(stack, STEPS, true);
  });
  after(() => stack.down());

  test('every panel, link and alert holds under its fault', async () => {
    const report = await verify(stack, phases);
    const { exemplarsFollowed } = report.links;
    console.log(`# ${report.panels.length} panels; ${exemplarsFollowed} failures followed`);
    const problems = liveProblems(report);
    console.log(problems.map((problem) => `# ${problem}`).join('\n'));
    assert.deepEqual(problems, []);
    assert.ok(exemplarsFollowed >= 20);
    assert.deepEqual(report.alerts.flatMap(({ alert, live }) => (live ? [alert] : [])).sort(), [
      'BulkheadFull',
      'CircuitFlapping',
      'CircuitOpen',
      'DeadMansSwitch',
      'ErrorBudgetBurnsDemo',
      'ProcessDown',
      'RetryBudgetSpent',
      'TechnicalErrors',
      'TelemetryLost',
      'TelemetryStuck',
    ]);
  });

  const MUTATIONS: readonly [name: string, from: string, to: string, says: RegExp][] = [
    [
      'a link that leads elsewhere',
      '/d/breakwater-trace?var-traceId=${__value.raw}',
      '/d/breakwater-trace?var-traceId=0000${__value.raw}',
      /leads to no trace/,
    ],
    [
      'a variable that offers nothing',
      'label_values(resilience_calls_total',
      'label_values(resilience_calls',
      /offers nothing/,
    ],
  ];
  for (const [name, from, to, says] of MUTATIONS) {
    test(`${name} is named`, async () => {
      const text = JSON.stringify({ ...model, emitted: undefined });
      const changed = text.replaceAll(JSON.stringify(from).slice(1, -1), to);
      assert.notEqual(changed, text);
      const mutated = { ...JSON.parse(changed), emitted: model.emitted } as Model;
      assert.match(liveProblems(await verify(stack, phases, mutated)).join('\n'), says);
    });
  }
});

/** What the stack does differently from what its dashboards were made for. */
const CHANGES: Edits = {
  'otel/prometheus.yaml': (text) =>
    text.replace(
      '    metric_relabel_configs:\n',
      `    metric_relabel_configs:
      - source_labels: [__name__]
        regex: resilience_rejections_total
        target_label: __name__
        replacement: resilience_refusals_total
      - source_labels: [__name__, error_code]
        regex: service_errors_total;(.+)
        target_label: code
      - source_labels: [__name__]
        regex: service_errors_total
        target_label: error_code
        replacement: ''
`,
    ),
  'otel/collector.yaml': (text) =>
    text.replace(
      '          - flatten(log.attributes)\n',
      `          - set(log.attributes["kind"], log.attributes["error_type"])
          - delete_key(log.attributes, "error_type")
          - flatten(log.attributes)
`,
    ),
  'packages/dashboards/rules/resilience.yaml': (text) => text.replace('[15s])) > 0', '[15s])) > 5'),
};

test('what the stack emits otherwise than its dashboards ask is named', async () => {
  const stack = new TestStack(CHANGES);
  try {
    await stack.up();
    const phases = await drive(stack, stepsOf(['provider-503']), false);
    const problems = liveProblems(await verify(stack, phases)).join('\n');
    console.log(problems.replaceAll(/^/gm, '# '));
    assert.match(problems, /"How many calls were refused, and by what\?": A: no data/);
    assert.match(problems, /a curve has no error_code/);
    assert.match(problems, /"Newest failures, and where does each lead\?": A: no data/);
    assert.match(problems, /CircuitOpen does not fire under provider-503/);
  } finally {
    await stack.down();
  }
});
