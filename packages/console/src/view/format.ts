/**
 * Times and numbers as people read them.
 *
 * @module
 */
import { html } from 'hono/html';

/** HTML that was escaped where it had to be. */
export type Html = ReturnType<typeof html>;

/** The text of rendered HTML. */
export async function textOf(rendered: Html): Promise<string> {
  return String(await rendered);
}

/** A span of time in milliseconds, in three digits or so. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1) return `${(ms * 1_000).toFixed(0)} µs`;
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** A quantity a second, or any other small number. */
export function quantity(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** Bytes in MiB, seconds in minutes, counts with separators. */
export function amount(value: number, unit: 'count' | 'bytes' | 'seconds'): string {
  if (unit === 'bytes') return `${(value / 1024 / 1024).toFixed(1)} MiB`;
  if (unit === 'seconds') return `${Math.round(value / 60)} min`;
  return value.toLocaleString('en');
}

/** The time of day, in UTC; the script shows it in the reader's own zone. */
export function clock(time: number | string): Html {
  const iso = new Date(time).toISOString();
  return html`<time datetime="${iso}" data-clock>${iso.slice(11, 19)}</time>`;
}

/** Like {@link clock}; the script counts the seconds from then, or until then. */
export function counting(time: number | string): Html {
  const iso = new Date(time).toISOString();
  return html`<time datetime="${iso}" data-counting>${iso.slice(11, 19)}</time>`;
}

/** A state as people say it. */
export function words(state: string): string {
  return state.replaceAll('_', ' ');
}

/** A part of a class name; nothing but letters comes through. */
export function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}
