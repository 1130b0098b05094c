/**
 * Panels as this house makes them: everything the SDK leaves off is on (legend, ids, calculations),
 * and what a reader needs (title, description, unit) cannot be left out.
 *
 * @module
 */
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  LogsSortOrder,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  type DataTransformerConfig,
  type DynamicConfigValue,
  type Panel,
  PanelBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Proof } from './proof.ts';
import type { Query } from './queries.ts';
import { SOURCES } from './sources.ts';

/** Where the value turns yellow and red. */
export type Thresholds = readonly (readonly [value: number, color: 'yellow' | 'red' | 'green'])[];

/** A link from a value to the page that explains it. */
export interface ValueLink {
  readonly title: string;
  readonly url: string;
  /** Field of a table that carries it; left out, every value does. */
  readonly field?: string;
}

/** One panel as a dashboard declares it. */
export interface PanelSpec {
  readonly kind: 'time' | 'stat' | 'table' | 'logs' | 'heatmap' | 'states' | 'trace' | 'graph';
  readonly title: string;
  readonly description: string;
  /** One of Grafana's units. Logs, traces and tables of text have none. */
  readonly unit?: string;
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width: number;
  readonly height?: number;
  /** The color below the first; default green. */
  readonly base?: 'green' | 'red' | 'yellow' | 'text';
  readonly thresholds?: Thresholds;
  readonly mappings?: readonly ValueMapping[];
  readonly links?: readonly ValueLink[];
  readonly transformations?: readonly DataTransformerConfig[];
  readonly max?: number;
  readonly noValue?: string;
  readonly proof: Proof;
}

export interface Place {
  readonly id: number;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
}

const DEFAULT_HEIGHT: Readonly<Record<PanelSpec['kind'], number>> = {
  time: 8,
  stat: 5,
  table: 9,
  logs: 9,
  heatmap: 8,
  states: 8,
  trace: 14,
  graph: 10,
};

/** Rows of the grid a panel takes. */
export function heightOf({ kind, height }: PanelSpec): number {
  return height ?? DEFAULT_HEIGHT[kind];
}

/** The panel as Grafana's classic schema has it. */
export function buildPanel(spec: PanelSpec, { id, gridPos }: Place): Panel {
  const [first] = spec.queries;
  if (!first) throw new Error(`the panel "${spec.title}" asks nothing`);
  const builder = builderOf(spec)
    .id(id)
    .gridPos({ ...gridPos })
    .title(spec.title)
    .description(spec.description)
    .datasource(SOURCES[first.source])
    .targets(spec.queries.map((query, i) => ({ build: () => query.build(refId(i)) })));
  if (spec.transformations) builder.transformations([...spec.transformations]);
  const panel = builder.build();
  if (spec.kind === 'trace' || spec.kind === 'graph') return panel;
  panel.fieldConfig = {
    ...panel.fieldConfig,
    defaults: { ...panel.fieldConfig?.defaults, ...fieldDefaults(spec) },
    overrides: linkOverrides(spec),
  };
  return panel;
}

function builderOf(spec: PanelSpec) {
  switch (spec.kind) {
    case 'time':
      return new TimeSeriesBuilder()
        .legend(legend())
        .tooltip(tooltip())
        .fillOpacity(8)
        .lineWidth(1)
        .showPoints(VisibilityMode.Auto)
        .spanNulls(false);
    case 'stat':
      return new StatBuilder()
        .reduceOptions(
          new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''),
        )
        .graphMode(BigValueGraphMode.Area)
        .colorMode(BigValueColorMode.Background);
    case 'states':
      return new StateTimelineBuilder().legend(legend()).mergeValues(true).rowHeight(0.8);
    case 'heatmap':
      return new HeatmapBuilder()
        .calculate(false)
        .color(heatmapColor())
        .yAxis(new YAxisConfigBuilder().unit(spec.unit ?? 's'))
        .exemplarsColor('rgba(255,0,255,0.7)')
        .showLegend();
    case 'logs':
      return new LogsBuilder()
        .showTime(true)
        .wrapLogMessage(true)
        .enableLogDetails(true)
        .sortOrder(LogsSortOrder.Descending);
    case 'table':
      return new TableBuilder().showHeader(true);
    case 'trace':
      return new PanelBuilder().type('traces');
    case 'graph':
      return new PanelBuilder().type('nodeGraph');
  }
}

function fieldDefaults(spec: PanelSpec) {
  return {
    ...(spec.unit === undefined ? {} : { unit: spec.unit }),
    ...(spec.max === undefined ? {} : { max: spec.max, min: 0 }),
    ...(spec.noValue === undefined ? {} : { noValue: spec.noValue }),
    ...(spec.mappings ? { mappings: [...spec.mappings] } : {}),
    ...(spec.kind === 'logs' ? {} : { thresholds: thresholds(spec).build() }),
    links: (spec.links ?? []).filter(({ field }) => field === undefined).map(valueLink),
  };
}

function linkOverrides(spec: PanelSpec) {
  const fields = new Set((spec.links ?? []).flatMap(({ field }) => field ?? []));
  return [...fields].map((field) => {
    const links = (spec.links ?? []).filter((link) => link.field === field).map(valueLink);
    const properties: DynamicConfigValue[] = [{ id: 'links', value: links }];
    return { matcher: { id: 'byName', options: field }, properties };
  });
}

function thresholds({ base = 'green', thresholds: steps = [] }: PanelSpec) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))]);
}

/** The SDK's builder adds what only links of dashboards have, and hides the link in a menu. */
function valueLink({ title, url }: ValueLink): DashboardLink {
  return { title, url, targetBlank: false } as DashboardLink;
}

function legend() {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([]);
}

function tooltip() {
  return new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
}

function heatmapColor() {
  return new HeatmapColorOptionsBuilder()
    .mode(HeatmapColorMode.Scheme)
    .scheme('Oranges')
    .exponent(0.5)
    .steps(64)
    .reverse(false)
    .fill('dark-orange');
}

function refId(i: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + i);
}
