/**
 * Everything that is verified, as data, so that a test can change one thing of it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DASHBOARDS } from '../all.ts';
import { buildDashboard } from '../dashboard.ts';
import { ROOT } from '../generated.ts';
import { type Rule, readRules } from '../rules.ts';
import { type Emitted, emitted } from './emitted.ts';

/** A query of a panel, as the JSON has it. */
export interface Target {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly expr?: string;
  readonly query?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly exemplar?: boolean;
  readonly format?: string;
  readonly maxLines?: number;
}

export interface JsonLink {
  readonly title: string;
  readonly url: string;
}

/** A panel, as the JSON has it. */
export interface JsonPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly Target[];
  readonly transformations?: readonly { readonly id: string; readonly options: object }[];
  readonly options?: Record<string, unknown>;
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly links?: readonly JsonLink[];
      readonly thresholds?: {
        readonly steps: readonly { readonly value: number | null; readonly color: string }[];
      };
      readonly mappings?: readonly {
        readonly options: Record<string, { text: string; color: string }>;
      }[];
    };
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: readonly JsonLink[] }[];
    }[];
  };
}

export interface JsonVariable {
  readonly name: string;
  readonly type: string;
  readonly query?: string | { readonly query: string };
  readonly datasource?: { readonly uid: string };
  readonly allValue?: string;
  readonly auto_count?: number;
  readonly auto_min?: string;
}

/** A dashboard, as the JSON has it. */
export interface JsonDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly time: { readonly from: string; readonly to: string };
  readonly panels: readonly JsonPanel[];
  readonly templating: { readonly list: readonly JsonVariable[] };
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly target: Target }[];
  };
  readonly links: readonly { readonly keepTime: boolean; readonly includeVars: boolean }[];
}

export interface Datasource {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type of data source has settings of its own
  readonly jsonData: Readonly<Record<string, any>>;
}

export interface Model {
  readonly dashboards: readonly JsonDashboard[];
  readonly datasources: readonly Datasource[];
  readonly rules: readonly Rule[];
  readonly emitted: Emitted;
}

/** The committed provisioning and rules, and the dashboards as they are built now. */
export async function readModel(): Promise<Model> {
  return {
    dashboards: DASHBOARDS.map((spec) => JSON.parse(JSON.stringify(buildDashboard(spec)))),
    datasources: readDatasources(),
    rules: readRules(),
    emitted: await emitted(),
  };
}

/** The provisioned data sources; `$$` is read as Grafana reads it. */
export function readDatasources(): Datasource[] {
  const file = join(ROOT, 'packages/dashboards/provisioning/datasources/breakwater.yaml');
  return parse(readFileSync(file, 'utf8').replaceAll('$$', '$')).datasources;
}

/** Panels that ask something; rows do not. */
export function panelsOf(dashboard: JsonDashboard): JsonPanel[] {
  return dashboard.panels.filter(({ type }) => type !== 'row');
}

/** The query of a variable. */
export function variableQuery({ query }: JsonVariable): string {
  return typeof query === 'string' ? query : (query?.query ?? '');
}

/** Every link of a panel. */
export function linksOf({ fieldConfig }: JsonPanel): JsonLink[] {
  return [
    ...(fieldConfig?.defaults.links ?? []),
    ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
      properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value),
    ),
  ];
}
