/**
 * The data sources, by the uids that `grafana/provisioning` pins.
 *
 * @module
 */
export const SOURCES = {
  prometheus: { type: 'prometheus', uid: 'prometheus' },
  loki: { type: 'loki', uid: 'loki' },
  jaeger: { type: 'jaeger', uid: 'jaeger' },
} as const;
export type SourceName = keyof typeof SOURCES;
