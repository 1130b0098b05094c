/**
 * Time series that the browser draws.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Html } from './format.ts';

/** One chart; the columns are as uPlot takes them: x first, then one for each series. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  /** Names of the columns after the first. */
  readonly series: readonly string[];
  readonly columns: readonly (readonly (number | null)[])[];
}

/** The place for a chart, with its data; updates come by its id. */
export function chartPlace(id: string, chart: Chart): Html {
  return html`<figure class="chart"><figcaption>${chart.title} <span class="kind">${chart.unit}</span></figcaption><div id="${id}" role="img" aria-label="${chart.title}, ${chart.unit}" data-chart="${JSON.stringify(chart)}"></div></figure>`;
}
