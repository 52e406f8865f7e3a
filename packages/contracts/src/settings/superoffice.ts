// How SuperOffice is reached. Without `webhookUrl` the watcher polls only.
import { Type } from 'typebox';
import type { Data } from '../shape.ts';
import { secret } from './secret.ts';
import { section } from './section.ts';
import { choice, setting } from './setting.ts';
import { line, url } from './text.ts';

export const superofficeSection = section({
  name: 'superoffice',
  title: 'SuperOffice settings',
  description: 'How SuperOffice is reached.',
  version: 1,
  settings: {
    baseUrl: setting(url, {
      title: 'SuperOffice address',
      description: 'The base address of the tenant.',
      default: '',
      since: '0.1.0',
      examples: ['https://crm.example.com/SuperOffice', 'https://online3.superoffice.com/Cust12345'],
    }),
    authentication: setting(choice('basic', 'system-user'), {
      title: 'Authentication',
      description:
        '`basic`: user name and password of an associate (onsite); `system-user`: the key of the registered application (online).',
      default: 'basic',
      since: '0.1.0',
    }),
    userName: setting(line, {
      title: 'Username',
      description: 'The associate of the synchronizer, or the system user token.',
      default: '',
      since: '0.1.0',
      examples: ['SYNC'],
    }),
    webhookUrl: setting(url, {
      title: 'Webhook URL',
      description: 'Where SuperOffice reaches the superoffice-watcher from outside; empty means polling only.',
      default: '',
      since: '0.1.0',
      examples: ['https://lockstep.example.com/hooks/superoffice/Cust12345'],
    }),
    pollEveryMs: setting(Type.Integer({ minimum: 200, maximum: 86_400_000 }), {
      title: 'Polling interval',
      description: 'Milliseconds between two polls for what webhooks missed.',
      default: 60_000,
      since: '0.1.0',
      examples: [60_000],
    }),
    password: secret({
      title: 'Password',
      description:
        'The password in clear. It is sealed at once for the service that uses it, together with account, authentication and hosts; ' +
        'a change of one of these needs the password again in the same request. `null` removes it; what a read showed keeps it.',
      since: '0.1.0',
      examples: ['correct horse battery staple'],
    }),
  },
});

export const SuperOfficeSettings = superofficeSection.schema;
export type SuperOfficeSettings = Data<typeof SuperOfficeSettings>;
export const defaultSuperOfficeSettings: SuperOfficeSettings = superofficeSection.standard;
