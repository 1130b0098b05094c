/**
 * Circuits: what every policy did about its dependency.
 *
 * @module
 */
import type { DashboardSpec } from '../dashboard.ts';
import { OURS } from '../metrics.ts';
import type { PanelSpec, Thresholds } from '../panel.ts';
import { moved, type Proof, unprovoked } from '../proof.ts';
import { promql } from '../queries.ts';
import { circuitStates } from '../states.ts';
import * as variables from '../variables.ts';

const DEPENDENCY = 'dependency=~"$dependency", service_name=~"$service"';
const BREAKER = 'breaker=~"$dependency", service_name=~"$service"';

function rate(metric: string, by: string): string {
  return `sum by (service_name, dependency, ${by}) (rate(${metric}{${DEPENDENCY}}[$__rate_interval]))`;
}

interface Curve {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly expr: string;
  readonly legend: string;
  readonly proof: Proof;
  readonly max?: number;
  readonly thresholds?: Thresholds;
}

function curve({ expr, legend, ...rest }: Curve): PanelSpec {
  return { ...rest, kind: 'time', queries: [promql(expr, { legend })], width: 8 };
}

const PAIR = '{{service_name}} → {{dependency}}';

function quantile(metric: string, share: number): string {
  return `histogram_quantile(${share}, sum by (service_name, dependency, le) (rate(${metric}_bucket{${DEPENDENCY}}[$__rate_interval])))`;
}

export const circuits: DashboardSpec = {
  uid: 'breakwater-circuits',
  title: 'Breakwater: circuits',
  description: 'Every circuit, bulkhead and retry budget beside the failures it answers to.',
  variables: [variables.service, variables.dependency],
  sections: [
    {
      title: 'Circuits',
      panels: [
        circuitStates({
          title: 'In which state is every circuit?',
          description: 'Closed passes calls, open refuses them, half open lets probes through.',
          selector: BREAKER,
          width: 24,
        }),
        {
          ...curve({
            title: 'What share of the calls to a dependency fails?',
            description:
              'Failures by the calls that reached it. They open its circuit, unless the peer names a dependency of its own.',
            unit: 'percentunit',
            expr: `sum by (service_name, dependency) (rate(${OURS.calls}{${DEPENDENCY}, outcome="failure"}[$__rate_interval])) / (sum by (service_name, dependency) (rate(${OURS.calls}{${DEPENDENCY}, outcome=~"success|failure|ignored"}[$__rate_interval])) > 0)`,
            legend: PAIR,
            max: 1,
            thresholds: [[0.5, 'red']],
            proof: moved('provider-503'),
          }),
          width: 16,
        },
        curve({
          title: 'How long was it open?',
          description: 'Share of the time shown in which the circuit was open.',
          unit: 'percentunit',
          expr: `max by (service_name, breaker) (avg_over_time(${OURS.breakerStatus}{${BREAKER}, state="open"}[$__rate_interval]))`,
          legend: '{{service_name}} → {{breaker}}',
          proof: moved('provider-503'),
        }),
        curve({
          title: 'When did it change its state?',
          description: 'Transitions within the interval, by where from and where to.',
          unit: 'none',
          expr: `sum by (service_name, breaker, from, to) (increase(${OURS.breakerTransitions}{${BREAKER}}[$__rate_interval]))`,
          legend: '{{service_name}} → {{breaker}} {{from}} {{to}}',
          proof: moved('provider-503'),
        }),
        curve({
          title: 'How many calls were refused, and by what?',
          description: 'Attempts a second that were not sent.',
          unit: 'ops',
          expr: rate(OURS.rejections, 'reason'),
          legend: `${PAIR} {{reason}}`,
          proof: moved('provider-503'),
        }),
        curve({
          title: 'Do the probes succeed?',
          description:
            'Ends of the half-open state within the interval: to closed the dependency is back, to open it is not.',
          unit: 'none',
          expr: `sum by (service_name, breaker, to) (increase(${OURS.breakerTransitions}{${BREAKER}, from="half_open", to=~"open|closed"}[$__rate_interval]))`,
          legend: '{{service_name}} → {{breaker}} to {{to}}',
          proof: moved('provider-503'),
        }),
      ],
    },
    {
      title: 'Calls and retries',
      panels: [
        curve({
          title: 'How do calls end?',
          description:
            'Executions a second by outcome; ignored are errors that say nothing about the dependency.',
          unit: 'ops',
          expr: rate(OURS.calls, 'outcome'),
          legend: `${PAIR} {{outcome}}`,
          proof: { scenario: 'healthy' },
        }),
        curve({
          title: 'How often is repeated, and why?',
          description: 'Retries a second by what the attempt before failed with.',
          unit: 'ops',
          expr: rate(OURS.retries, 'reason'),
          legend: `${PAIR} {{reason}}`,
          proof: moved('provider-503'),
        }),
        curve({
          title: 'Which retries were forbidden?',
          description:
            'Retries a second that the error would have allowed, by what forbade them: the budget, the deadline, the circuit, the peer.',
          unit: 'ops',
          expr: rate(OURS.retriesSkipped, 'reason'),
          legend: `${PAIR} {{reason}}`,
          proof: moved('provider-503'),
        }),
        curve({
          title: 'How many retries are left?',
          description: 'What the retry budget of each dependency would allow now.',
          unit: 'none',
          expr: `min by (service_name, dependency) (${OURS.retryBudgetRemaining}{${DEPENDENCY}})`,
          legend: PAIR,
          thresholds: [],
          // An open circuit forbids retries before they cost much; failures below its threshold do not.
          proof: { ...moved('provider-flaky', 'down'), only: { service_name: 'payments' } },
        }),
        curve({
          title: 'What answered instead?',
          description: 'Fallbacks a second by the source of the value.',
          unit: 'ops',
          expr: rate(OURS.fallbacks, 'source'),
          legend: `${PAIR} {{source}}`,
          proof: moved('users-down'),
        }),
        curve({
          title: 'Is a listener of telemetry broken?',
          description: 'Listeners that threw, a second. The calls were not touched.',
          unit: 'ops',
          expr: `sum by (service_name, dependency) (rate(${OURS.listenerErrors}{${DEPENDENCY}}[$__rate_interval]))`,
          legend: PAIR,
          proof: unprovoked('only a bug in a listener moves it'),
        }),
      ],
    },
    {
      title: 'Waiting',
      panels: [
        curve({
          title: 'How full are the bulkheads?',
          description: 'Attempts under way as a share of those that may be.',
          unit: 'percentunit',
          expr: `max by (service_name, dependency) (${OURS.bulkheadActive}{${DEPENDENCY}} / ${OURS.bulkheadLimit}{${DEPENDENCY}})`,
          legend: PAIR,
          max: 1,
          thresholds: [[0.8, 'red']],
          proof: moved('provider-slow'),
        }),
        curve({
          title: 'How full are their queues?',
          description: 'Attempts that wait, as a share of those that may wait.',
          unit: 'percentunit',
          expr: `max by (service_name, dependency) (${OURS.bulkheadQueued}{${DEPENDENCY}} / ${OURS.bulkheadQueueLimit}{${DEPENDENCY}})`,
          legend: PAIR,
          max: 1,
          thresholds: [[0.8, 'red']],
          proof: unprovoked('the provider opens its circuit before its queue fills'),
        }),
        curve({
          title: 'How many abandoned attempts still run?',
          description: 'Attempts that were given up on and whose function has not ended.',
          unit: 'none',
          expr: `sum by (service_name, dependency) (${OURS.attemptsAbandoned}{${DEPENDENCY}})`,
          legend: PAIR,
          proof: unprovoked('our HTTP client ends its work when it is told to'),
        }),
        {
          kind: 'time',
          title: 'How long do calls and their attempts take?',
          description: 'The 99th percentile with retries and waits, and of single attempts.',
          unit: 's',
          queries: [
            promql(quantile(OURS.executionDuration, 0.99), {
              legend: `${PAIR} call`,
              exemplar: true,
            }),
            promql(quantile(OURS.attemptDuration, 0.99), {
              legend: `${PAIR} attempt`,
              exemplar: true,
            }),
          ],
          width: 12,
          proof: { ...moved('provider-slow'), only: { service_name: 'payments' } },
        },
        {
          ...curve({
            title: 'What does the deadline cost?',
            description:
              'Attempts refused and retries skipped a second because too little was left of the caller’s deadline.',
            unit: 'ops',
            expr: `sum by (service_name, dependency) (rate(${OURS.rejections}{${DEPENDENCY}, reason="deadline"}[$__rate_interval])) + sum by (service_name, dependency) (rate(${OURS.retriesSkipped}{${DEPENDENCY}, reason="deadline"}[$__rate_interval]))`,
            legend: PAIR,
            proof: { scenario: 'healthy' },
          }),
          width: 12,
        },
      ],
    },
  ],
};
