/**
 * The part of PromQL that names series: `name{label="value",other=~"pattern"}`.
 *
 * @module
 */
import type { Series } from '../model.ts';

type Labels = Series['labels'];

const SELECTOR = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?$/s;
const MATCHER = /\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/sy;

/**
 * Says of labels whether a selector matches them; `__name__` is the metric's name.
 *
 * @throws {TypeError} for anything but a selector, such as a function or a range
 */
export function parseSelector(selector: string): (labels: Labels) => boolean {
  const [, name, inside = ''] = SELECTOR.exec(selector.trim()) ?? [];
  if (!name) throw new TypeError(`${selector} is no selector`);
  const matchers = [(labels: Labels) => labels.__name__ === name];
  MATCHER.lastIndex = 0;
  for (let at = 0; at < inside.length; at = MATCHER.lastIndex) {
    MATCHER.lastIndex = at;
    const [, label = '', operator, quoted = ''] = MATCHER.exec(inside) ?? [];
    if (!operator) throw new TypeError(`${selector} is no selector`);
    matchers.push(matcher(label, operator, JSON.parse(`"${quoted}"`)));
  }
  return (labels) => matchers.every((matches) => matches(labels));
}

/** A label that is absent is an empty one (Prometheus, "Instant vector selectors"). */
function matcher(label: string, operator: string, value: string): (labels: Labels) => boolean {
  const pattern = operator.endsWith('~') ? new RegExp(`^(?:${value})$`, 's') : undefined;
  const equal = (text: string) => (pattern ? pattern.test(text) : text === value);
  const wanted = !operator.startsWith('!');
  return (labels) => equal(labels[label] ?? '') === wanted;
}
