/**
 * Draws the time series with uPlot.
 */
import uPlot from './uplot.js';

const HEIGHT = 160;
const COLOURS = ['--blue', '--red', '--amber', '--green'];
const plots = new Map();

/** Draws the charts that a part of the page has, each once. */
export function drawCharts(root) {
  for (const place of root.querySelectorAll('[data-chart]')) {
    if (!plots.has(place)) draw(place, JSON.parse(place.dataset.chart));
  }
}

/** Gives a chart its new data. */
export function updateChart(id, chart) {
  const place = document.getElementById(id);
  if (!place) return;
  const plot = plots.get(place);
  if (plot) plot.setData(chart.columns);
  else draw(place, chart);
}

function draw(place, { series, columns }) {
  const colour = (name) => resolve(place, name);
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    size: 44,
  };
  const plot = new uPlot(
    {
      width: widthOf(place),
      height: HEIGHT,
      cursor: { y: false },
      legend: { show: false },
      scales: { x: { time: false } },
      axes: [{ ...axis, size: 28, values: (_, ticks) => ticks.map((t) => `${t} s`) }, axis],
      series: [
        {},
        ...series.map((label, i) => ({
          label,
          stroke: colour(COLOURS[i % COLOURS.length]),
          width: 1.5,
          points: { show: false },
        })),
      ],
    },
    columns,
    place,
  );
  plots.set(place, plot);
  new ResizeObserver(() => plot.setSize({ width: widthOf(place), height: HEIGHT })).observe(
    place.parentElement,
  );
}

/** A canvas knows neither variables nor schemes: the browser is asked what they come to. */
function resolve(place, name) {
  place.style.color = `var(${name})`;
  const { color } = getComputedStyle(place);
  place.style.color = '';
  return color;
}

function widthOf(place) {
  return Math.max(200, place.parentElement.clientWidth - 2);
}
