/**
 * Helpers for tests of what depends on something: time that stands still, another side that does as
 * it is told, and assertions on outcomes and telemetry.
 *
 * @module
 */
export { assertOutcomes, assertTransitions, metricValue } from './assertions.ts';
export { ScriptedDependency, type ScriptStep, type SeenAttempt } from './scripted-dependency.ts';
export { EventRecorder, type LoggedLine, testResilience } from './test-resilience.ts';
export { settle, VirtualClock } from './virtual-clock.ts';
