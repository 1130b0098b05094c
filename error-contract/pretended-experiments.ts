/**
 * Stands in for the command that runs experiments: it lists one, and runs it until it is told to
 * stop.
 *
 * @module
 */
const [word] = process.argv.slice(2);
if (word === 'list') {
  const attack = { title: 'Pretended', description: 'Does nothing.', tags: [], duration_s: 1 };
  process.stdout.write(JSON.stringify([{ name: 'attack', ...attack }]));
} else {
  setInterval(() => undefined, 1_000);
}
