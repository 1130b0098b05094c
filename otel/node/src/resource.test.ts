import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createResource, type ResourceOptions } from './resource.ts';
import { readSettings } from './settings.ts';

const IDENTITY = { serviceName: 'catalog', namespace: 'shop', environment: 'test' };

async function attributesOf(options: Partial<ResourceOptions> = {}) {
  const resource = createResource({
    identity: IDENTITY,
    detectors: readSettings({}).detectors,
    env: {},
    entry: fileURLToPath(import.meta.url),
    ...options,
  });
  await resource.waitForAsyncAttributes?.();
  return resource.attributes;
}

describe('the resource', () => {
  it('has what conventions and detectors say', async () => {
    const attributes = await attributesOf();
    assert.equal(attributes['service.name'], 'catalog');
    assert.equal(attributes['service.namespace'], 'shop');
    assert.equal(attributes['deployment.environment.name'], 'test');
    assert.match(String(attributes['service.version']), /^\d+\.\d+\.\d+$/);
    assert.match(String(attributes['service.instance.id']), /^[0-9a-f-]{36}$/);
    assert.equal(attributes['telemetry.sdk.name'], 'opentelemetry');
    assert.equal(attributes['telemetry.sdk.language'], 'nodejs');
    assert.match(String(attributes['telemetry.sdk.version']), /^\d/);
    assert.equal(attributes['host.name'], hostname());
    assert.equal(attributes['process.pid'], process.pid);
    assert.equal(attributes['process.runtime.version'], process.versions.node);
    assert.ok(attributes['os.type']);
  });

  it('has OTEL_RESOURCE_ATTRIBUTES before all but the name of the service', async () => {
    const OTEL_RESOURCE_ATTRIBUTES =
      'team=shop,service.version=1.2.3,service.instance.id=pod-7,service.name=other';
    const attributes = await attributesOf({ env: { OTEL_RESOURCE_ATTRIBUTES } });
    assert.deepEqual(
      ['team', 'service.version', 'service.instance.id', 'service.name'].map(
        (name) => attributes[name],
      ),
      ['shop', '1.2.3', 'pod-7', 'catalog'],
    );
  });

  it('has only what is asked for', async () => {
    const attributes = await attributesOf({ detectors: ['os'], entry: undefined });
    assert.deepEqual(
      Object.keys(attributes)
        .filter((key) => !key.startsWith('telemetry.'))
        .sort(),
      ['deployment.environment.name', 'os.type', 'os.version', 'service.name', 'service.namespace'],
    );
  });

  it('has no secret of the command line', async () => {
    process.argv.push('--database=postgres://app:hunter2@db/x');
    try {
      assert.doesNotMatch(JSON.stringify(await attributesOf()), /hunter2/);
    } finally {
      process.argv.pop();
    }
  });
});
