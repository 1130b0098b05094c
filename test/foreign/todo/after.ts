import { BadGatewayError } from '@breakwater/errors';
import { breakwater } from '@breakwater/hono';
import { dependency } from '@breakwater/resilience';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

interface Todo {
  readonly id: string;
  readonly title: string;
}

const { PORT, WEATHER_URL } = process.env;
const todos = new Map<string, Todo>([['1', { id: '1', title: 'Buy milk' }]]);
const app = new Hono();
const { operations } = breakwater(app, { name: 'todo' });
const weather = dependency('weather', { timeoutMs: 1_000 });

async function askWeather({ signal }: { readonly signal: AbortSignal }) {
  const response = await fetch(`${WEATHER_URL}/weather`, { signal });
  if (!response.ok) throw new BadGatewayError('weather');
  return (await response.json()) as { readonly forecast: string };
}

app.get('/todos', (c) => c.json([...todos.values()]));

app.post('/todos', async (c) => {
  const { title } = await c.req.json<{ title: string }>();
  const todo = { id: String(todos.size + 1), title };
  todos.set(todo.id, todo);
  return c.json(todo, 201);
});

app.get('/todos/:id', (c) => {
  const todo = todos.get(c.req.param('id'));
  return todo ? c.json(todo) : c.json({ error: 'there is no such todo' }, 404);
});

app.get('/todos/:id/weather', async (c) => c.json(await weather.execute(askWeather)));

serve({ fetch: app.fetch, port: Number(PORT) }, ({ port }) => console.log(`listening on ${port}`));
serve({ fetch: operations.fetch, port: 0 }, ({ port }) => console.log(`operations on ${port}`));
