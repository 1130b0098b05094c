/**
 * A JSON schema of Grafana's classic dashboards, made from the types in Grafana's npm package:
 * unknown keys are refused, where Grafana ignores them in silence.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import { ROOT } from '../generated.ts';
import type { Problem } from './check-panels.ts';
import type { JsonDashboard, JsonPanel, Model } from './model.ts';

/** Where the schema is kept; making it takes seconds. */
export const SCHEMA_FILE = join(ROOT, 'dashboards/schema.json');

/** The SDK's folder of each panel type whose options are checked. */
const PANELS: Readonly<Record<string, string>> = {
  timeseries: 'timeseries',
  stat: 'stat',
  table: 'table',
  logs: 'logs',
  heatmap: 'heatmap',
  'state-timeline': 'statetimeline',
};

interface Schemas {
  readonly sdk: string;
  readonly dashboard: object;
  readonly queries: Readonly<Record<string, object>>;
  readonly options: Readonly<Record<string, object>>;
  readonly custom: Readonly<Record<string, object>>;
}

function sdkFolder(): string {
  const entry = createRequire(import.meta.url).resolve('@grafana/grafana-foundation-sdk/dashboard');
  return join(dirname(entry), '..');
}

/** The version of the package that the types are of. */
export function sdkVersion(): string {
  return JSON.parse(readFileSync(join(sdkFolder(), '../package.json'), 'utf8')).version;
}

/** Makes the schemas anew; about ten seconds. */
export function makeSchemas(): Schemas {
  const of = (folder: string, type: string) =>
    createGenerator({
      path: join(sdkFolder(), folder, 'types.gen.d.ts'),
      type,
      skipTypeCheck: true,
      additionalProperties: false,
    }).createSchema(type);
  const each = (type: string, panels: readonly string[]) =>
    Object.fromEntries(panels.map((panel) => [panel, of(PANELS[panel] as string, type)]));
  const dashboard = of('dashboard', 'Dashboard');
  // Queries are checked by their own schemas; the type here is an empty interface.
  for (const [name, definition] of Object.entries(dashboard.definitions ?? {})) {
    if (/Dataquery$/.test(name))
      Object.assign(definition as object, { additionalProperties: true });
  }
  return {
    sdk: sdkVersion(),
    dashboard,
    queries: { prometheus: of('prometheus', 'Dataquery'), loki: of('loki', 'dataquery') },
    options: each('Options', Object.keys(PANELS)),
    custom: each('FieldConfig', ['timeseries', 'heatmap', 'state-timeline']),
  };
}

export function readSchemas(): Schemas {
  return JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Schemas;
}

export function checkSchema({ dashboards }: Pick<Model, 'dashboards'>): Problem[] {
  const schemas = readSchemas();
  const compiled = new Map<object, ValidateFunction>();
  const problems: Problem[] = [];
  const check = (where: string, schema: object | undefined, value: unknown) => {
    if (!schema || value === undefined) return;
    const validate = compiled.get(schema) ?? new Ajv({ strict: false }).compile(schema);
    compiled.set(schema, validate);
    if (validate(value)) return;
    const what = (validate.errors ?? [])
      .map(
        ({ instancePath, message, params }) =>
          `${instancePath} ${message} ${JSON.stringify(params)}`,
      )
      .slice(0, 3)
      .join('; ');
    problems.push({ check: 'schema', where, what });
  };
  for (const dashboard of dashboards) {
    check(dashboard.uid, schemas.dashboard, withoutLooseParts(dashboard));
    for (const { id, type, options, fieldConfig, targets = [] } of dashboard.panels) {
      const where = `${dashboard.uid}/${id}`;
      check(where, schemas.options[type], options);
      check(where, schemas.custom[type], (fieldConfig?.defaults as { custom?: unknown })?.custom);
      for (const target of targets) check(where, schemas.queries[target.datasource.type], target);
    }
  }
  return problems;
}

/** A value's link has three keys; the type asks for those of a dashboard's link as well. */
function withoutLooseParts(dashboard: JsonDashboard): unknown {
  const copy = structuredClone(dashboard) as unknown as { panels: JsonPanel[] };
  for (const panel of copy.panels) {
    for (const link of panel.fieldConfig?.defaults.links ?? []) {
      Object.assign(link, {
        type: 'link',
        icon: '',
        tooltip: '',
        tags: [],
        asDropdown: false,
        includeVars: false,
        keepTime: false,
      });
    }
  }
  return copy;
}
