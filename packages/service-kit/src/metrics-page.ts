// The text of docs/reference/metrics.md, made from what the services register. `scripts/generate-docs.ts` writes it; a test compares.
import { pino } from 'pino';
import { Counter, Gauge, Registry } from 'prom-client';
import { countBusEvents } from './bus-metrics.ts';

/** Who measures: the name of a service, and what registers its metrics. */
export interface Measuring {
  readonly name: string;
  readonly register: (registry: Registry) => void;
}

export interface DeclaredMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** What every service measures, since it stands in the kit. */
export const everyService: Measuring = {
  name: 'every service',
  register: (registry) => void countBusEvents(registry, pino({ enabled: false })),
};

/** In the order of their declaration. */
export function declaredMetrics({ register }: Measuring): readonly DeclaredMetric[] {
  const registry = new Registry();
  register(registry);
  // The typings of the library leave out what a metric was made from.
  const made = registry.getMetricsAsArray() as unknown as readonly Made[];
  return made.map((metric) => ({
    name: metric.name,
    help: metric.help.replace(/\.$/, ''),
    type: metric instanceof Counter ? 'counter' : metric instanceof Gauge ? 'gauge' : 'histogram',
    labels: metric.labelNames,
  }));
}

interface Made {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** The whole page in Markdown. */
export function metricsPage(services: readonly Measuring[]): string {
  const sections = [everyService, ...services].flatMap((measuring) => [
    `## ${measuring.name}`,
    '',
    '| Metric | Type | Labels | What it says |',
    '|---|---|---|---|',
    ...declaredMetrics(measuring).map(row),
    '',
  ]);
  return [
    '# Metrics',
    '',
    'Generated from `metrics.ts` of each service. Every service answers `/metrics`, each metric with the label `service`, and',
    'beside these shows the standard ones of a Node.js process (`process_…`, `nodejs_…`). No label is a mailbox or an address.',
    '',
    ...sections,
  ].join('\n');
}

const row = ({ name, type, labels, help }: DeclaredMetric) =>
  `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`;
