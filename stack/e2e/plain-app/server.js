// A Hono app as people have it, without any library of this repository.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Counter } from 'prom-client';

const app = new Hono();
const todos = new Map([['1', { id: '1', title: 'write a test' }]]);
const reads = new Counter({ name: 'todo_reads_total', help: 'Todos that were read.' });

app.get('/todos/:id', (c) => {
  const todo = todos.get(c.req.param('id'));
  if (!todo) return c.json({ error: 'no such todo' }, 404);
  reads.inc();
  console.log(`todo ${todo.id} was read`);
  return c.json(todo);
});
app.get('/broken', () => {
  console.warn('the database is slow');
  console.log(JSON.stringify({ level: 30, msg: 'a line of another logger', user: 'u1' }));
  throw new Error('the database is gone');
});

const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on ${port}`);
});
process.once('SIGTERM', () => {
  server.close();
  process.exitCode = 5;
});
