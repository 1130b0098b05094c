/**
 * Dashboards as this house makes them: one layout, one set of variables, annotations and links.
 *
 * @module
 */
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { K6, NODE, OURS } from './metrics.ts';
import { buildPanel, heightOf, type PanelSpec, type Place } from './panel.ts';
import { logql, promql, type Query } from './queries.ts';
import { SOURCES } from './sources.ts';

/** A heading and the panels below it. */
export interface Section {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** One dashboard. */
export interface DashboardSpec {
  /** Also the file name, without `breakwater-`. */
  readonly uid: `breakwater-${string}`;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  readonly sections: readonly Section[];
  /** How far back it opens. Default: 15 minutes. */
  readonly from?: string;
}

/** A panel where it stands. */
export interface PlacedPanel extends Place {
  readonly spec: PanelSpec;
}

const COLUMNS = 24;
const TAG = 'breakwater';

/** The panels with their ids and places: left to right, a new line where the width is used up. */
export function place({ sections }: DashboardSpec): (PlacedPanel | (Place & { row: string }))[] {
  const placed: (PlacedPanel | (Place & { row: string }))[] = [];
  let [id, y] = [1, 0];
  for (const { title, panels } of sections) {
    placed.push({ id: id++, row: title, gridPos: { x: 0, y, w: COLUMNS, h: 1 } });
    y += 1;
    let [x, tallest] = [0, 0];
    for (const spec of panels) {
      const h = heightOf(spec);
      if (x + spec.width > COLUMNS) {
        y += tallest;
        [x, tallest] = [0, 0];
      }
      placed.push({ id: id++, spec, gridPos: { x, y, w: spec.width, h } });
      x += spec.width;
      tallest = Math.max(tallest, h);
    }
    y += tallest;
  }
  return placed;
}

/** The dashboard in Grafana's classic schema. */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: spec.from ?? 'now-15m', to: 'now' })
    .refresh('10s')
    .variables(spec.variables.map((variable) => ({ build: () => variable })))
    .annotations(annotations())
    .link(
      new DashboardLinkBuilder('Breakwater')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    );
  const dashboard = builder.build();
  for (const shown of [...(dashboard.links ?? []), ...(dashboard.annotations.list ?? [])]) {
    // The SDK's default hides it in a menu.
    delete shown.placement;
  }
  dashboard.panels = place(spec).map((placed) =>
    'row' in placed
      ? new RowBuilder(placed.row)
          .id(placed.id)
          .gridPos({ ...placed.gridPos })
          .build()
      : buildPanel(placed.spec, placed),
  );
  return dashboard;
}

/** What happened beside the curves: circuits, experiments, deployments. */
function annotations() {
  const annotation = (name: string, color: string, source: 'prometheus' | 'loki', query: Query) =>
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(SOURCES[source])
      .enable(true)
      .iconColor(color)
      .target({ build: () => query.build('Anno') });
  return [
    annotation('Circuit transitions', 'red', 'loki', logql(CIRCUIT_LINES))
      .titleFormat('{{service_name}}: {{breaker}} {{from}} -> {{to}}')
      .tagKeys('service_name,breaker'),
    annotation('Experiment steps', 'orange', 'loki', logql(EXPERIMENT_LINES))
      .titleFormat('{{experiment}}: {{step}}')
      .tagKeys('phase,testid'),
    annotation(
      'Load tests',
      'purple',
      'prometheus',
      promql(`max by (testid) (${K6.users}) > 0`),
    ).titleFormat('{{testid}}'),
    annotation(
      'Deployments',
      'blue',
      'prometheus',
      promql(`changes(${NODE.startTime}[1m]) > 0 and on (service_name, instance) ${OURS.ready}`),
    ).titleFormat('{{service_name}} started'),
  ];
}

/** Lines that a change of state writes; see the resilience package's log. */
const CIRCUIT_LINES = '{service_name=~".+"} | breaker != "" | from != ""';
/** One line a step of an experiment; there is none where nobody makes them. */
const EXPERIMENT_LINES = '{service_name="experiments"} | experiment != "" | step != ""';
