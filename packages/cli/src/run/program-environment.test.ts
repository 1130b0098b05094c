import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programEnvironment } from './program-environment.ts';

const destination = {
  url: 'http://127.0.0.1:8090',
  folder: '/tmp/run',
  serviceName: 'todo',
  preload: 'file:///cli/preload.js',
};

test('telemetry goes to the console, whatever said otherwise before', () => {
  const env = programEnvironment(
    {
      PATH: '/bin',
      NODE_OPTIONS: '--max-old-space-size=100',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_SDK_DISABLED: 'true',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://elsewhere',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
    destination,
  );
  assert.deepEqual(env, {
    PATH: '/bin',
    NODE_OPTIONS: '--max-old-space-size=100 --import=file:///cli/preload.js',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_SERVICE_NAME: 'todo',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:8090',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    BREAKWATER_RUN_DIR: '/tmp/run',
  });
});

test('how long spans wait stays what it was set to', () => {
  const env = programEnvironment({ OTEL_BSP_SCHEDULE_DELAY: '50' }, destination);
  assert.equal(env.OTEL_BSP_SCHEDULE_DELAY, '50');
});
