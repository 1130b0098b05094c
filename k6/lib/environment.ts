/**
 * Settings of a script, from the environment of the command that runs it.
 *
 * @module
 */

/** @throws {Error} when the variable is set to anything but a number above 0 */
export function positive(name: string, fallback: number): number {
  const text = __ENV[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name}=${text} is no number above 0, such as ${fallback}`);
  return value;
}

/**
 * Whole seconds of a duration such as `90s`, `5m` or `1h`.
 *
 * @throws {Error} when the variable is set to anything else
 */
export function seconds(name: string, fallback: string): number {
  const text = __ENV[name] || fallback;
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const factor = { s: 1, m: 60, h: 3_600 }[unit ?? ''];
  if (!factor || Number(amount) === 0) {
    throw new Error(`${name}=${text} is no duration, such as ${fallback}`);
  }
  return Number(amount) * factor;
}
