/**
 * The objectives of `otel/slo`, per journey of the shop and per service, and what is made of them.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { findComponent } from '../../../stack/src/find-component.ts';
import { ROOT } from '../generated.ts';

interface Objectives {
  readonly slos: readonly {
    readonly name: string;
    readonly sli: { readonly events: { readonly error_query: string } };
    /** Thresholds of k6; objectives per service have none. */
    readonly 'x-k6'?: Readonly<Record<string, readonly string[]>>;
    readonly alerting: object;
  }[];
}

/** The longest window of an alert of Sloth's defaults for 30 days. */
const FLOOR_WINDOWS = {
  page: { window: '6h', seconds: 6 * 3_600 },
  ticket: { window: '3d', seconds: 3 * 86_400 },
} as const;
/** Fewer bad events than this in the longest window call nobody, whatever their share. */
const LEAST_EVENTS = 5;

const JOURNEYS = 'otel/slo/journeys.yaml';
const SERVICES = 'otel/slo/services.yaml';
const DEMO_WINDOWS = join(ROOT, 'otel/slo/windows');
/** Files made of the objectives, by their path from the repository's root. */
export const RULES_FILES = [
  'otel/rules/slo.yaml',
  'otel/rules/slo-demo.yaml',
  'packages/dashboards/rules/objectives/services.yaml',
] as const;
export const THRESHOLDS_FILE = 'k6/lib/slo-thresholds.ts';

function readObjectives(file = JOURNEYS): Objectives {
  return parse(readFileSync(join(ROOT, file), 'utf8')) as Objectives;
}

/** The module that k6 scripts import: it can read neither YAML nor JSON modules. */
export function thresholdsModule(): string {
  const thresholds = Object.assign({}, ...readObjectives().slos.map((slo) => slo['x-k6']));
  const lines = Object.entries(thresholds as Record<string, string[]>).map(
    ([metric, conditions]) =>
      `  '${metric}': [${conditions.map((condition) => `'${condition}'`).join(', ')}],`,
  );
  return [
    '// Generated from otel/slo/journeys.yaml by `npm run dashboards:build`.',
    '/** The objectives as thresholds of k6. */',
    'export const SLO_THRESHOLDS = {',
    ...lines,
    '};',
    '',
  ].join('\n');
}

/**
 * The recording rules and alerts of the objectives, of journeys (real and demo) and of services, by file.
 *
 * @returns a reason when Sloth is not there
 */
export async function sloRules(): Promise<ReadonlyMap<string, string> | { reason: string }> {
  const sloth = await findComponent('sloth');
  if ('reason' in sloth) return { reason: sloth.reason };
  const [real, demo, services] = RULES_FILES;
  const ofThirtyDays = (file: string) => {
    const objectives = readObjectives(file);
    return withFloor(generate(sloth.path, file, named(objectives), []), objectives);
  };
  return new Map([
    [real, ofThirtyDays(JOURNEYS)],
    [services, ofThirtyDays(SERVICES)],
    [
      demo,
      generate(sloth.path, JOURNEYS, named(demoObjectives()), [
        '--default-slo-period=1h',
        `--slo-period-windows-path=${DEMO_WINDOWS}`,
      ]),
    ],
  ]);
}

/** The same objectives under names of their own, and alerts that call nobody. */
function demoObjectives(): Objectives {
  const objectives = readObjectives();
  const labels = { labels: { severity: 'demo' } };
  return {
    ...objectives,
    slos: objectives.slos.map((slo) => ({
      ...slo,
      name: `${slo.name}-demo`,
      alerting: {
        ...slo.alerting,
        name: 'ErrorBudgetBurnsDemo',
        page_alert: labels,
        ticket_alert: labels,
      },
    })),
  };
}

/**
 * The alerts of generated rules, each with a floor: at low traffic a single error is a large share
 * of an hour, and no reason to call anybody. So many bad events must lie in the alert's longest
 * window as well. The recorded shares stay what they are.
 */
function withFloor(rules: string, { slos }: Objectives): string {
  return rules.replace(
    /( +)expr: \|\n((?:(?!labels:).)*?)\1labels:\n +objective: ([^\n]+)\n.*?sloth_severity: (page|ticket)\n/gs,
    (alert, indent: string, expr: string, name: string, severity: keyof typeof FLOOR_WINDOWS) => {
      const { window, seconds } = FLOOR_WINDOWS[severity];
      const query = slos.find((slo) => slo.name === name)?.sli.events.error_query ?? '';
      const bad = query.trim().replaceAll('{{.window}}', window);
      const by = /\bby (\(\w+\))/.exec(query)?.[1] ?? '()';
      const floor = `${indent}  and on ${by} (${bad}) * ${seconds} >= ${LEAST_EVENTS}\n`;
      return alert.replace(expr, `${indent}  (\n${expr}${indent}  )\n${floor}`);
    },
  );
}

/** Two alerts of one name must differ in their labels. */
function named(objectives: Objectives): Objectives {
  return {
    ...objectives,
    slos: objectives.slos.map((slo) => ({
      ...slo,
      alerting: { ...slo.alerting, labels: { objective: slo.name } },
    })),
  };
}

function generate(
  sloth: string,
  source: string,
  objectives: Objectives,
  args: readonly string[],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-slo-'));
  try {
    const [input, output] = [join(folder, 'in.yaml'), join(folder, 'out.yaml')];
    writeFileSync(input, stringify(objectives));
    execFileSync(sloth, ['generate', '--no-log', '-i', input, '-o', output, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return `# Generated from ${source} by \`npm run dashboards:build\`.${readFileSync(output, 'utf8')}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
