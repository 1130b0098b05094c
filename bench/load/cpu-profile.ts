/**
 * Where a Node process spends its time, from the profile that `--cpu-prof` leaves behind.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

/** A stretch of time on the monotonic clock of the machine, in microseconds. */
export interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
}

interface Profile {
  /** Microseconds on the machine's monotonic clock, which `process.hrtime` reads, too. */
  readonly startTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

/** A share of the time that the process was not idle. */
export interface Share {
  readonly what: string;
  readonly share: number;
}

/** Self time of a process, most first. */
export interface ProfileSummary {
  readonly busyS: number;
  /** By package, or part of Node. */
  readonly packages: readonly Share[];
  readonly functions: readonly Share[];
}

const IDLE = '(idle)';

/** @param file a `.cpuprofile`, of which only the stretch counts: a start is long and different */
export function summarizeProfile(file: string, stretch: Stretch, top = 12): ProfileSummary {
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(
    readFileSync(file, 'utf8'),
  ) as Profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  let [busy, at] = [0, startTime];
  samples.forEach((id, i) => {
    const frame = frames.get(id);
    const took = timeDeltas[i] ?? 0;
    at += took;
    const wanted = at >= stretch.fromUs && at <= stretch.toUs;
    if (!wanted || !frame || frame.functionName === IDLE) return;
    busy += took;
    const owner = ownerOf(frame.url) || frame.functionName;
    const name = frame.functionName || '(anonymous)';
    add(packages, owner, took);
    add(functions, frame.url ? `${name}  ${owner}:${frame.lineNumber + 1}` : name, took);
  });
  return {
    busyS: busy / 1e6,
    packages: largest(packages, busy, top),
    functions: largest(functions, busy, top),
  };
}

/** The package, workspace or part of Node that a script belongs to. */
function ownerOf(url: string): string {
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const parts = url.split('/node_modules/');
  const inside = parts.at(-1) ?? '';
  if (parts.length > 1 && !inside.startsWith('@breakwater/')) {
    return inside.split('/', inside.startsWith('@') ? 2 : 1).join('/');
  }
  return /(otel\/node|packages\/[^/]+|services\/[^/]+|@breakwater\/[^/]+)\//.exec(url)?.[1] ?? url;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function largest(sums: Map<string, number>, whole: number, top: number): Share[] {
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, top)
    .map(([what, took]) => ({ what, share: took / whole }));
}
