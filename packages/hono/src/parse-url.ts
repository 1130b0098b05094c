/**
 * `URL.parse`, which Node 20 does not have.
 *
 * @module
 */

/** The URL of a text; null when it is none. */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
