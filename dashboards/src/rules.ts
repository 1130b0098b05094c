/**
 * The alerts and recording rules, as data: those for any service, and the shop's.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './generated.ts';

/** One rule as Prometheus reads it. */
export interface Rule {
  readonly file: string;
  readonly expr: string;
  readonly alert?: string;
  readonly record?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups?: readonly { readonly rules: readonly Omit<Rule, 'file'>[] }[];
}

/** Rules for any service, in the package that people install. */
export const GENERAL_RULES = 'packages/dashboards/rules';

/** Paths of the rule files, from the repository's root. */
export function ruleFiles(): string[] {
  return globSync([`${GENERAL_RULES}/**/*.yaml`, 'otel/rules/*.yaml'], { cwd: ROOT }).sort();
}

export function readRules(): Rule[] {
  return ruleFiles().flatMap((file) =>
    parseAllDocuments(readFileSync(join(ROOT, file), 'utf8')).flatMap((document) => {
      const { groups = [] } = (document.toJS() ?? {}) as RuleFile;
      return groups.flatMap(({ rules }) => rules.map((rule) => ({ ...rule, file })));
    }),
  );
}
