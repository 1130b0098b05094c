// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose variables
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpolate, interpolateAll, referencedVariables } from './interpolate.ts';

const variables = { HOST: 'loki', EMPTY: '' };

test('a variable is replaced by its value, or by its default when unset or empty', () => {
  assert.equal(interpolate('http://${HOST}:${PORT:-3100}/', variables), 'http://loki:3100/');
  assert.equal(interpolate('${EMPTY:-x}${NONE:-}', variables), 'x');
});

test('a default may be made of variables', () => {
  const address = '${ADDRESS:-${HOST:-nobody}:${PORT:-3100}}';
  assert.equal(interpolate(address, variables), 'loki:3100');
  assert.equal(interpolate(address, { ADDRESS: 'proxy:1' }), 'proxy:1');
  assert.deepEqual([...referencedVariables(address)], ['ADDRESS', 'HOST', 'PORT']);
});

test('a default whose own variables are empty is empty', () => {
  assert.equal(interpolate('a${A:-${B:-}}', { B: '' }), 'a');
});

test('a value is taken as it is, whatever stands in it', () => {
  const value = 'a$b${HOST}$$c\'d"e\\f#g h%i@j:k/l$&$1';
  assert.equal(interpolate('<${P:-x}>', { P: value, HOST: 'no' }), `<${value}>`);
  assert.equal(interpolate('<${A:-${P:-x}}>', { P: value }), `<${value}>`);
});

test('a doubled dollar is one dollar and starts no variable', () => {
  assert.equal(interpolate('$${HOST}', variables), '${HOST}');
});

test('a variable without value and default is an error that names both', () => {
  assert.throws(() => interpolate('a ${NONE} b', variables), /"a \$\{NONE\} b" needs .* NONE/);
});

test('forms that only Docker would understand are refused, not passed on', () => {
  for (const text of ['$HOST', '${HOST:?say}', '${A:-${B:?say}}', 'cost: 5$']) {
    assert.throws(() => interpolate(text, variables), /not understood/, text);
  }
});

test('a whole tree is interpolated, its keys are not', () => {
  const tree = { '${HOST}': ['${HOST}', 5, null, { on: true }] };
  assert.deepEqual(interpolateAll(tree, variables), { '${HOST}': ['loki', 5, null, { on: true }] });
});

test('the variables of a text are known without their values', () => {
  assert.deepEqual([...referencedVariables('${A:-1} $${B} ${C}')], ['A', 'C']);
});
