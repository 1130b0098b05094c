import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIdentity } from './identity.ts';

test('the environment says who the process is', () => {
  const env = {
    OTEL_SERVICE_NAME: 'catalog',
    SERVICE_NAMESPACE: 'shop',
    DEPLOYMENT_ENVIRONMENT: 'staging',
  };
  assert.deepEqual(readIdentity(env, '/srv/services/orders/src/main.ts'), {
    serviceName: 'catalog',
    namespace: 'shop',
    environment: 'staging',
  });
});

test('without words, the folder of the service names it', () => {
  const { serviceName, namespace, environment } = readIdentity(
    {},
    '/a/services/orders/src/main.ts',
  );
  assert.deepEqual([serviceName, namespace, environment], ['orders', 'breakwater', 'development']);
});

test('an empty variable counts as unset, and anything else is unknown', () => {
  assert.equal(
    readIdentity({ OTEL_SERVICE_NAME: '' }, '/a/services/x/src/main.ts').serviceName,
    'x',
  );
  assert.equal(readIdentity({}, '/a/tool.ts').serviceName, 'unknown-service');
  assert.equal(readIdentity({}, undefined).serviceName, 'unknown-service');
});

test('OTEL_RESOURCE_ATTRIBUTES says it too, and OTEL_SERVICE_NAME goes before', () => {
  const env = {
    OTEL_RESOURCE_ATTRIBUTES:
      'service.name=a,service.namespace=b,deployment.environment.name=c%20d',
    SERVICE_NAMESPACE: 'shop',
    DEPLOYMENT_ENVIRONMENT: 'staging',
  };
  assert.deepEqual(readIdentity(env, '/a/services/orders/src/main.ts'), {
    serviceName: 'a',
    namespace: 'b',
    environment: 'c d',
  });
  assert.equal(readIdentity({ ...env, OTEL_SERVICE_NAME: 'x' }).serviceName, 'x');
});
