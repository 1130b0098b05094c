/**
 * Reads variables of telemetry from one environment, and collects what is wrong with them.
 *
 * @module
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { REFUSED_VARIABLES } from './refused-variables.ts';

/** A file that a variable names. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/** Every read that fails tells {@link problems}, and gives what stands for an unset variable. */
export class SettingsReader {
  readonly problems: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  refuseWhatIsRefused(): void {
    for (const [name, value] of Object.entries(this.#env)) {
      const rule = REFUSED_VARIABLES.find(({ pattern }) => pattern.test(name));
      if (!value || !rule || rule.harmless?.includes(value.trim())) continue;
      this.problems.push(`${name} cannot be honoured, unset it: ${rule.because}`);
    }
  }

  /** One of `choices`, in any case. */
  oneOf<Choice extends string>(
    name: string,
    choices: readonly Choice[],
    fallback: NoInfer<Choice>,
  ): Choice {
    return this.optional(name, choices) ?? fallback;
  }

  optional<const Choice extends string>(
    name: string,
    choices: readonly Choice[],
  ): Choice | undefined {
    const value = this.#env[name]?.trim().toLowerCase();
    if (!value) return undefined;
    const found = choices.find((choice) => choice === value);
    if (!found) this.problems.push(`${name}=${value} is not ${choices.join(' or ')}`);
    return found;
  }

  integer(name: string, min: number): number | undefined {
    const value = this.#env[name]?.trim();
    if (!value) return undefined;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= 2 ** 31 - 1) return number;
    this.problems.push(`${name}=${value} is no integer of at least ${min}`);
    return undefined;
  }

  /** Texts with commas between, each one of `choices` where there are any. */
  list<Choice extends string>(
    name: string,
    choices: readonly Choice[] | undefined,
  ): readonly Choice[] | undefined {
    const words = this.#env[name]?.split(',').flatMap((word) => word.trim() || []) ?? [];
    const unknown = words.filter((word) => choices && !choices.includes(word as Choice));
    if (unknown.length > 0) {
      this.problems.push(`${name}: ${unknown.join(', ')} is not one of ${choices?.join(', ')}`);
    }
    return words.length > 0 ? (words as Choice[]) : undefined;
  }

  url(name: string): URL | undefined {
    const value = this.#env[name]?.trim();
    if (!value) return undefined;
    const url = URL.parse(value);
    if (url && /^https?:$/.test(url.protocol)) return url;
    this.problems.push(`${name} is no http:// or https:// URL`);
    return undefined;
  }

  file(name: string): NamedFile | undefined {
    const path = this.#env[name]?.trim();
    return path ? { name, path } : undefined;
  }

  headers(name: string): Record<string, string> {
    const refuse = (problem: string) => this.problems.push(problem);
    const pairs = parsePairs(name, this.#env[name], refuse);
    for (const [header, value] of Object.entries(pairs)) {
      try {
        validateHeaderName(header);
        validateHeaderValue(header, value);
      } catch {
        refuse(`${name} has a header that HTTP does not allow`);
      }
    }
    return pairs;
  }
}

/**
 * The attributes of `OTEL_RESOURCE_ATTRIBUTES`: `key=value` with commas between, where `,` and `=`
 * inside are percent-encoded (OpenTelemetry specification, "Resource SDK").
 *
 * @param refuse told what is malformed; those attributes are left out
 */
export function parseResourceAttributes(
  text: string | undefined,
  refuse: (problem: string) => void = () => {},
): Record<string, string> {
  return parsePairs('OTEL_RESOURCE_ATTRIBUTES', text, refuse);
}

/** Values may be secrets: what is refused is told by its place. */
function parsePairs(
  name: string,
  text: string | undefined,
  refuse: (problem: string) => void,
): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const [index, entry] of (text?.split(',') ?? []).entries()) {
    if (entry.trim() === '') continue;
    const at = entry.indexOf('=');
    try {
      const key = decodeURIComponent(entry.slice(0, Math.max(at, 0)).trim());
      if (key === '') throw new URIError();
      pairs[key] = decodeURIComponent(entry.slice(at + 1).trim());
    } catch {
      refuse(`entry ${index + 1} of ${name} is not as key=value, percent-encoded`);
    }
  }
  return pairs;
}
