/**
 * What every page has around its contents.
 *
 * @module
 */
import { html } from 'hono/html';
import { assetPath } from '../assets.ts';
import type { Html } from './format.ts';

const PAGES = [
  ['/', 'Now'],
  ['/trace', 'Failures'],
  ['/circuits', 'Circuits'],
  ['/experiments', 'Experiments'],
  ['/catalogue', 'Errors'],
] as const;

export interface Page {
  readonly title: string;
  /** Path of the page in the menu that this one belongs to. */
  readonly section: (typeof PAGES)[number][0];
  readonly contents: Html;
  /** The topic of its updates, see `routes/live.ts`; the page stands still without. */
  readonly live?: string;
}

/** The whole page. */
export function layout({ title, section, contents, live = '' }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Breakwater</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assetPath('uplot.css')}">
<link rel="stylesheet" href="${assetPath('console.css')}">
<script type="module" src="${assetPath('console.js')}"></script>
</head>
<body data-live="${live}" data-worker="${assetPath('live-worker.js')}">
<a class="skip" href="#contents">To the contents</a>
<header class="top">
<a class="name" href="/">Breakwater</a>
<nav aria-label="Pages">${PAGES.map(
    ([path, name]) =>
      html`<a href="${path}" ${path === section ? html`aria-current="page"` : ''}>${name}</a>`,
  )}</nav>
<form class="search" role="search" action="/trace">
<input type="search" name="q" aria-label="Trace id, request id, code or route" placeholder="Trace id, request id, code, route">
<button>Find</button>
</form>
<span class="connection" id="connection" role="status"></span>
</header>
<main id="contents">
<h1>${title}</h1>
${contents}
</main>
<div id="notice" role="status" aria-live="polite"></div>
<dialog id="token-dialog" aria-labelledby="token-title">
<form method="dialog">
<h2 id="token-title">The token of this console</h2>
<p>Changes want the token that was printed with the address when the console started.</p>
<label>Token <input name="token" type="password" autocomplete="off" required></label>
<p class="actions"><button value="cancel" formnovalidate>Cancel</button> <button value="use" class="primary">Use it</button></p>
</form>
</dialog>
</body>
</html>`;
}

/** What stands where something could not be read: nothing is said of it. */
export const NOT_KNOWN = html`<p class="none">Not known: see above.</p>`;

/** Sentences about what cannot be shown. */
export function problems(sentences: readonly string[]): Html {
  if (sentences.length === 0) return html``;
  return html`<ul class="problems">${sentences.map((text) => html`<li>${text}</li>`)}</ul>`;
}
