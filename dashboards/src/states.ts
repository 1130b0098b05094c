/**
 * Words and colors of states.
 *
 * @module
 */

import { CIRCUIT_STATES, type CircuitState } from '@breakwater/resilience';
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { OURS } from './metrics.ts';
import type { PanelSpec } from './panel.ts';
import { moved } from './proof.ts';
import { promql } from './queries.ts';

const COLORS: Readonly<Record<CircuitState, string>> = {
  closed: 'green',
  half_open: 'yellow',
  open: 'red',
  isolated: 'purple',
};

/** Severity of a state, as the number that stands for it in a panel. */
const NUMBERS: Readonly<Record<CircuitState, number>> = {
  closed: 0,
  half_open: 1,
  open: 2,
  isolated: 3,
};

const CIRCUIT_MAPPING: readonly ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      CIRCUIT_STATES.map((state) => [
        String(NUMBERS[state]),
        { text: state.replace('_', ' '), color: COLORS[state], index: NUMBERS[state] },
      ]),
    ),
  },
];

export const UP_MAPPING: readonly ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
  },
];

/** One line a circuit: the worst state that a circuit of this name is in. */
export function circuitStates(options: {
  title: string;
  description: string;
  selector: string;
  width: number;
  height?: number;
}): PanelSpec {
  const { selector, ...rest } = options;
  const at = (state: CircuitState) =>
    `max by (service_name, breaker) (${OURS.breakerStatus}{${selector}${selector ? ', ' : ''}state="${state}"} > bool 0) * ${NUMBERS[state]}`;
  const expr = `${at('half_open')} + ${at('open')} + ${at('isolated')}`;
  return {
    ...rest,
    kind: 'states',
    unit: 'none',
    queries: [promql(expr, { legend: '{{service_name}} → {{breaker}}' })],
    mappings: CIRCUIT_MAPPING,
    thresholds: [
      [1, 'yellow'],
      [2, 'red'],
    ],
    links: [
      {
        title: 'This dependency',
        url: '/d/breakwater-circuits?var-dependency=${__field.labels.breaker}&${__url_time_range}',
      },
    ],
    proof: moved('provider-503'),
  };
}
