// What the settings service counts. Labels are bounded: sections, error codes, routes as declared; never a mailbox.
import type { SettingsReader } from '@lockstep/service-kit';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface Metrics {
  /** Stored changes, by section. */
  readonly changes: Counter<'section'>;
  /** Requests that were not carried out, by error code. */
  readonly refusals: Counter<'code'>;
  /** Time to answer, by method, route as declared, and class of status. */
  readonly answers: Histogram<'method' | 'route' | 'status'>;
}

export function createMetrics(registry: Registry, settings: Pick<SettingsReader, 'userLinks'>): Metrics {
  const registers = [registry];
  new Gauge({
    name: 'lockstep_settings_user_links',
    help: 'User links, by whether they are enabled.',
    labelNames: ['enabled'],
    registers,
    collect() {
      const links = [...settings.userLinks().values()];
      const enabled = links.filter((link) => link.enabled).length;
      this.set({ enabled: 'true' }, enabled);
      this.set({ enabled: 'false' }, links.length - enabled);
    },
  });
  return {
    changes: new Counter({
      name: 'lockstep_settings_changes_total',
      help: 'Stored changes of settings, by section.',
      labelNames: ['section'],
      registers,
    }),
    refusals: new Counter({
      name: 'lockstep_settings_refusals_total',
      help: 'API requests that were not carried out, by error code.',
      labelNames: ['code'],
      registers,
    }),
    answers: new Histogram({
      name: 'lockstep_settings_answer_seconds',
      help: 'Time to answer an API request, by method, route and class of status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
  };
}
