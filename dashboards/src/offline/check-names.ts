/**
 * Every expression is well-formed, and uses only what the code emits.
 *
 * @module
 */
import { COLUMNS } from '../failure-table.ts';
import { UNUSED } from '../metrics.ts';
import type { Problem } from './check-panels.ts';
import { logqlFields, promqlNames, syntaxError } from './expressions.ts';
import { type Model, panelsOf, variableQuery } from './model.ts';

/** An expression and where it stands. */
export interface Expression {
  readonly where: string;
  readonly language: 'promql' | 'logql';
  readonly expr: string;
}

/** Every expression of dashboards, variables, annotations, links between data sources, and rules. */
export function expressions({ dashboards, datasources, rules }: Model): Expression[] {
  const found: Expression[] = [];
  const add = (where: string, language: Expression['language'], expr: string | undefined) => {
    if (expr) found.push({ where, language, expr });
  };
  const languageOf = (type: string) => (type === 'loki' ? 'logql' : 'promql');
  for (const dashboard of dashboards) {
    for (const { id, targets = [] } of panelsOf(dashboard)) {
      for (const { datasource, expr } of targets) {
        add(`${dashboard.uid}/${id}`, languageOf(datasource.type), expr);
      }
    }
    for (const { name, target } of dashboard.annotations.list) {
      add(`${dashboard.uid}, annotation ${name}`, languageOf(target.datasource.type), target.expr);
    }
    for (const variable of dashboard.templating.list) {
      const selector = /label_values\((.+),\s*\w+\)$/.exec(variableQuery(variable))?.[1];
      add(`${dashboard.uid}, variable ${variable.name}`, 'promql', selector);
    }
  }
  for (const { uid, jsonData } of datasources) {
    const { tracesToMetrics, tracesToLogsV2 } = jsonData;
    const tags = (text: string) => text.replace('${__tags}', 'service_name="x"');
    for (const { name, query } of tracesToMetrics?.queries ?? []) {
      add(`data source ${uid}, ${name}`, 'promql', tags(query));
    }
    if (tracesToLogsV2) add(`data source ${uid}, logs`, 'logql', tags(tracesToLogsV2.query));
  }
  for (const { file, alert, record, expr } of rules)
    add(`${file}, ${alert ?? record}`, 'promql', expr);
  return found;
}

export function checkNames(model: Model): Problem[] {
  const problems: Problem[] = [];
  const { metrics, fields, ours } = model.emitted;
  const used = new Set<string>();
  for (const { where, language, expr } of expressions(model)) {
    const say = (check: Problem['check'], what: string) => problems.push({ check, where, what });
    const error = syntaxError(language, expr);
    if (error) {
      say('syntax', error);
      continue;
    }
    if (language === 'logql') {
      for (const field of logqlFields(expr)) {
        if (!fields.has(field)) say('name', `no log line has the field ${field}`);
      }
      continue;
    }
    const { selectors, grouped } = promqlNames(expr);
    const all: string[] = [];
    let open = false;
    for (const { metric, labels } of selectors) {
      used.add(metric.replace(/_(bucket|count|sum)$/, '')).add(metric);
      if (!metrics.has(metric)) say('name', `nothing emits ${metric}`);
      const has = metrics.get(metric);
      if (has === undefined) open = true;
      for (const label of has ? labels : []) {
        if (!has?.has(label)) say('name', `${metric} has no label ${label}`);
      }
      all.push(...(has ?? []));
    }
    if (open) continue;
    for (const label of grouped)
      if (!all.includes(label)) say('name', `no metric of it has the label ${label}`);
  }
  for (const field of COLUMNS) {
    if (field !== 'Time' && !fields.has(field)) {
      problems.push({
        check: 'name',
        where: 'failure-table.ts',
        what: `no log line has the field ${field}`,
      });
    }
  }
  const unused = ours.filter((name) => !used.has(name));
  for (const name of unused) {
    if (!UNUSED[name])
      problems.push({
        check: 'name',
        where: name,
        what: 'it is emitted and shown nowhere; show it, or say why in UNUSED',
      });
  }
  for (const name of Object.keys(UNUSED)) {
    if (!unused.includes(name))
      problems.push({
        check: 'name',
        where: name,
        what: 'it is in UNUSED and is used, or emitted by nothing',
      });
  }
  if (Object.keys(UNUSED).length > 10)
    problems.push({ check: 'name', where: 'UNUSED', what: 'more than ten' });
  return problems;
}
