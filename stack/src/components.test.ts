import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { builtFolder, sourceFolder } from './component-cache.ts';
import { COMPONENTS, componentOf, overrideVariable } from './components.ts';

const compose = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), {
  merge: true,
}) as { services: Record<string, { image?: string; 'x-native'?: { command?: string } }> };

describe('components', () => {
  it('are of the version that Docker users get', () => {
    for (const { name, image, binaries } of COMPONENTS) {
      if (!image) continue;
      const entry = Object.values(compose.services).find((service) => service.image === image);
      assert.ok(entry, `${name}: no entry of docker-compose.yml has the image ${image}`);
      const program = entry['x-native']?.command?.split(' ')[0];
      assert.ok(
        binaries.some((binary) => binary.name === program),
        `${name}: x-native says ${program}`,
      );
    }
  });

  it('name every image after their version', () => {
    for (const { version, image } of COMPONENTS) {
      if (image) assert.equal(image.split(':')[1]?.replace(/^v/, ''), version);
    }
  });

  it('require in go.mod what is built from it', () => {
    for (const component of COMPONENTS) {
      const file = readFileSync(join(sourceFolder(component), 'go.mod'), 'utf8');
      for (const { package: path } of component.binaries) {
        if (path === '.') continue;
        assert.match(file, new RegExp(`^(tool |\\t)${path.replaceAll('.', '\\.')}$`, 'm'));
      }
    }
  });

  it('have programs of different names', () => {
    const names = COMPONENTS.flatMap(({ binaries }) => binaries.map(({ name }) => name));
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.equal(componentOf(name)?.binary.name, name);
  });
});

describe('overrideVariable', () => {
  it('is a name that a shell accepts', () => {
    assert.equal(overrideVariable('toxiproxy-server'), 'BREAKWATER_TOXIPROXY_SERVER_BIN');
  });
});

describe('builtFolder', () => {
  const k6 = componentOf('k6')?.component;
  assert.ok(k6);
  const environment = { XDG_CACHE_HOME: '/cache' };

  it('is in the cache of the user', () => {
    assert.match(builtFolder(k6, environment), /^\/cache\/breakwater\/k6\/2\.2\.0-[0-9a-f]{12}$/);
    assert.match(builtFolder(k6, {}), /\/\.cache\/breakwater\/k6\//);
  });

  it('is another one when a flag changes', () => {
    const original = builtFolder(k6, environment);
    assert.equal(builtFolder({ ...k6 }, environment), original);
    assert.notEqual(builtFolder({ ...k6, tags: ['netgo'] }, environment), original);
    assert.notEqual(builtFolder({ ...k6, variables: ['main.a=b'] }, environment), original);
  });
});
