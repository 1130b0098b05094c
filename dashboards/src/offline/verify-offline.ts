/**
 * Everything that can be known without a backend.
 *
 * @module
 */
import { checkLinks } from './check-links.ts';
import { checkNames } from './check-names.ts';
import { checkPanels, type Problem } from './check-panels.ts';
import type { Model } from './model.ts';
import { checkSchema } from './schema.ts';

export function verifyOffline(model: Model): Problem[] {
  return [...checkSchema(model), ...checkPanels(model), ...checkNames(model), ...checkLinks(model)];
}
