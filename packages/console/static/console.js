/**
 * Makes the pages live: takes updates, counts seconds, filters, and sends changes with the token.
 */
import { drawCharts, updateChart } from './charts.js';
import { follow } from './live-source.js';

const SECOND = 1_000;
const TOKEN = 'breakwater-console-token';
const $ = (id) => document.getElementById(id);

takeToken();
refresh(document);
setInterval(() => tick(document), SECOND);
if (document.body.dataset.live) connect(document.body.dataset.live);
reloadWhileNothingIsKnown();

/** The token comes in the fragment of the printed address, which no server ever sees. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!given) return;
  localStorage.setItem(TOKEN, given);
  history.replaceState(null, '', location.pathname + location.search);
}

function connect(topic) {
  const state = $('connection');
  follow(topic, ({ state: text, part }) => {
    if (text) {
      state.textContent = text;
      state.classList.toggle('lost', text !== 'live');
    } else if (part.kind === 'chart') updateChart(part.id, part.value);
    else replace($(part.id), part.value);
  });
}

const shown = new WeakMap();

/** Puts a part in the place of the old one, except while somebody writes in it. */
function replace(place, html) {
  if (!place || shown.get(place) === html || isInUse(place)) return;
  shown.set(place, html);
  const open = new Set(
    [...place.querySelectorAll('details[open][data-keep]')].map(({ dataset }) => dataset.keep),
  );
  const checked = new Set([...place.querySelectorAll('input:checked')].map(({ value }) => value));
  const focused = place.contains(document.activeElement) ? describe(document.activeElement) : null;
  // Escaped by the server, whose pages are made of the same parts.
  place.innerHTML = html;
  for (const details of place.querySelectorAll('details[data-keep]')) {
    details.open = open.has(details.dataset.keep);
  }
  for (const box of place.querySelectorAll('input[type=checkbox]')) {
    box.checked = checked.has(box.value);
  }
  if (focused) find(place, focused)?.focus();
  refresh(place);
}

/** A form that somebody has begun to fill in is left alone; what it is about can wait. */
function isInUse(place) {
  const form = document.activeElement?.closest?.('form[data-post]');
  if (form && place.contains(form) && document.activeElement.matches('input, select')) return true;
  return [...place.querySelectorAll('form[data-post] input:not([type=hidden])')].some(
    (input) => input.value !== input.defaultValue && input.value !== remembered(input),
  );
}

function describe(element) {
  const { tagName, textContent } = element;
  return { tagName, text: textContent, href: element.getAttribute('href') };
}

function find(place, { tagName, text, href }) {
  return [...place.querySelectorAll(tagName)].find(
    (each) => each.textContent === text && each.getAttribute('href') === href,
  );
}

function refresh(root) {
  tick(root);
  drawCharts(root);
  for (const input of root.querySelectorAll('[data-remember]')) {
    if (!input.value) input.value = remembered(input);
  }
}

function remembered(input) {
  const key = input.dataset.remember;
  return key ? (localStorage.getItem(`breakwater-console-${key}`) ?? '') : '';
}

/** Times of day in the reader's zone, and seconds that pass. */
function tick(root) {
  for (const time of root.querySelectorAll('time[data-clock]')) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString('en-GB');
    time.title = time.dateTime;
  }
  for (const time of root.querySelectorAll('time[data-counting]')) {
    time.textContent = span(Math.abs(Date.now() - Date.parse(time.dateTime)));
    time.title = time.dateTime;
  }
}

function span(ms) {
  const s = Math.round(ms / SECOND);
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3_600)} h ${Math.floor((s % 3_600) / 60)} min`;
}

document.addEventListener('input', ({ target }) => {
  if (!target.matches('[data-filter]')) return;
  const needle = target.value.toLowerCase();
  for (const row of document.querySelectorAll('[data-filtered] tbody tr, ol[data-filtered] > li')) {
    row.hidden = !row.textContent.toLowerCase().includes(needle);
  }
});

document.addEventListener('click', async ({ target }) => {
  const copied = target.closest?.('[data-copy]');
  if (!copied) return;
  await navigator.clipboard.writeText(copied.dataset.copy);
  notice('Copied.');
});

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.dataset.post) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector('button');
  button.disabled = true;
  try {
    await post(form);
  } finally {
    button.disabled = false;
  }
});

async function post(form) {
  const token = localStorage.getItem(TOKEN) ?? (await askToken());
  if (!token) return;
  for (const input of form.querySelectorAll('[data-remember]')) {
    localStorage.setItem(`breakwater-console-${input.dataset.remember}`, input.value);
  }
  const response = await fetch(form.dataset.post, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-console-token': token },
    body: JSON.stringify(fieldsOf(form)),
  }).catch(() => undefined);
  if (!response) return notice('The console does not answer.', true);
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) {
    localStorage.removeItem(TOKEN);
    if (await askToken()) return post(form);
    return;
  }
  if (!response.ok) return notice(body.message ?? `It answered ${response.status}.`, true);
  form.reset();
  form.closest('details')?.removeAttribute('open');
  document.activeElement?.blur();
  notice(outcomeOf(form.dataset.post, body));
  return;
}

function fieldsOf(form) {
  return Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [
      name,
      form.elements[name].matches('[data-number]') ? Number(value) : value,
    ]),
  );
}

function outcomeOf(path, body) {
  if (path === '/faults/clear') {
    const { ended = [], left = [] } = body;
    const done = ended.length > 0 ? `Ended: ${ended.join('; ')}.` : 'No fault was active.';
    return left.length > 0 ? `${done} Could not end: ${left.join('; ')}.` : done;
  }
  if (path.startsWith('/circuits/')) return `${body.name} is ${body.state.replaceAll('_', ' ')}.`;
  return path === '/experiments' ? `${body.name} runs.` : 'It stops, and undoes its faults first.';
}

/** Asks for the token of the address that was printed; null when nobody knows it. */
function askToken() {
  const dialog = $('token-dialog');
  const form = dialog.querySelector('form');
  form.reset();
  dialog.showModal();
  return new Promise((resolve) => {
    const closed = () => {
      const given = dialog.returnValue === 'use' ? form.elements.token.value.trim() : '';
      if (given) localStorage.setItem(TOKEN, given);
      resolve(given || null);
    };
    dialog.addEventListener('close', closed, { once: true });
  });
}

let hiding;

function notice(text, failed = false) {
  const place = $('notice');
  place.textContent = text;
  place.className = failed ? 'shown failed' : 'shown';
  clearTimeout(hiding);
  hiding = setTimeout(() => place.classList.remove('shown'), 8 * SECOND);
}

/** Telemetry is on its way for a few seconds; after twenty looks nobody believes in it any more. */
function reloadWhileNothingIsKnown() {
  const key = `looks ${location.pathname}`;
  if (!document.querySelector('[data-reload]')) return sessionStorage.removeItem(key);
  const looks = Number(sessionStorage.getItem(key) ?? 0);
  if (looks >= 20) return;
  sessionStorage.setItem(key, String(looks + 1));
  setTimeout(() => location.reload(), 1.5 * SECOND);
}
