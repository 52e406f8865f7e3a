// Every metric is named as Prometheus wants it, and told on a page that is generated from the declarations.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { declaredMetrics, everyService, metricsPage } from '@lockstep/service-kit/metrics-page';
import { describe, expect, it } from 'vitest';
import { measuring } from '../../scripts/measuring.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const all = [everyService, ...measuring].flatMap((one) => declaredMetrics(one));

describe('metrics', () => {
  it('of every file that declares some are on the page, as it is generated', () => {
    const page = readFileSync(path.join(root, 'docs/reference/metrics.md'), 'utf8');
    expect(page, 'run node_modules/.bin/node scripts/generate-docs.ts').toBe(metricsPage(measuring));
    const declaring = globSync('{packages,services}/*/src/**/*.ts', { cwd: root }).filter((file) =>
      /new (Counter|Gauge|Histogram|Summary)\b/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    const known = [
      'packages/service-kit/src/bus-metrics.ts',
      ...measuring.map(({ name }) => `services/${name}/src/metrics.ts`),
    ];
    expect(declaring.sort()).toEqual(known.sort());
  });

  it.each(all)('$name says by its end what it is: a $type', ({ name, type }) => {
    // These ends belong to the parts of a histogram and to counters: https://prometheus.io/docs/practices/naming/
    if (type === 'counter') expect(name).toMatch(/_total$/);
    else expect(name).not.toMatch(/_(total|count|sum|bucket|info)$/);
    if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
  });

  it.each(measuring)('of $name bear its name', (one) => {
    const prefix = `lockstep_${one.name.replaceAll('-', '_')}_`;
    for (const { name } of declaredMetrics(one)) expect(name.startsWith(prefix), name).toBe(true);
  });
});
