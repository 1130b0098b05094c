// Generated from otel/slo/journeys.yaml by `npm run dashboards:build`.
/** The objectives as thresholds of k6. */
export const SLO_THRESHOLDS = {
  'http_req_failed{name:browse}': ['rate<0.005'],
  'http_req_duration{name:browse}': ['p(95)<250'],
  'http_req_failed{name:order}': ['rate<0.01'],
  'http_req_duration{name:order}': ['p(95)<1000'],
};
