/**
 * Reads PromQL and LogQL: whether it is well-formed, and which names it uses.
 *
 * @module
 */
import { parser as logqlParser } from '@grafana/lezer-logql';
import type { Parser } from '@lezer/common';
import { parser as promqlParser } from '@prometheus-io/lezer-promql';

/** What an expression says of its names. */
export interface Names {
  /** Each metric with the labels that its selector and the aggregation around it name. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** Labels of `by` and `on` clauses. */
  readonly grouped: readonly string[];
}

/** Grafana's variables, by something of the same kind, so that a parser reads them. */
export function withoutVariables(expr: string): string {
  return expr
    .replace(/\[\$(__rate_interval|__range|__interval|__auto|interval)\]/g, '[1m]')
    .replace(/\$\{?(\w+)(:\w+)?\}?/g, 'x');
}

/** The error of an expression, or undefined. */
export function syntaxError(language: 'promql' | 'logql', expr: string): string | undefined {
  const parser: Parser = language === 'promql' ? promqlParser : logqlParser;
  const text = withoutVariables(expr);
  let error: string | undefined;
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError)
        error ??= `not ${language} at "${text.slice(Math.max(0, node.from - 5), node.from + 20)}"`;
    },
  });
  return error;
}

export function promqlNames(expr: string): Names {
  const text = withoutVariables(expr);
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  promqlParser.parse(text).iterate({
    enter: (node) => {
      const source = text.slice(node.from, node.to);
      if (node.name === 'VectorSelector') {
        const metric = node.node.getChild('Identifier');
        if (!metric) return;
        const labels = [...source.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"/g)].map(
          ([, label = '']) => label,
        );
        selectors.push({ metric: text.slice(metric.from, metric.to), labels });
      }
      if (node.name === 'GroupingLabels') grouped.push(...(source.match(/\w+/g) ?? []));
    },
  });
  return { selectors, grouped };
}

/** Labels and fields that a LogQL expression filters or groups by. */
export function logqlFields(expr: string): string[] {
  const text = withoutVariables(expr);
  const made = [...text.matchAll(/\|\s*json\s+(\w+)\s*=/g)].map(([, name]) => name);
  const filtered = [...text.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, name = '']) => name);
  const grouped = [...text.matchAll(/by\s*\(([^)]*)\)/g)].flatMap(
    ([, names]) => names?.match(/\w+/g) ?? [],
  );
  return [...filtered, ...grouped].filter((name) => !made.includes(name));
}
