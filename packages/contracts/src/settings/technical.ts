// How Exchange is reached, and how hard it may be worked: the technical settings of the panel, with the meaning that
// administrators know (docs/architecture.md §5, §6, §8).
import { Type } from 'typebox';
import type { Data } from '../shape.ts';
import { secret } from './secret.ts';
import { section } from './section.ts';
import { choice, setting } from './setting.ts';
import { line, pem, url } from './text.ts';

export const technicalSection = section({
  name: 'technical',
  title: 'Technical settings',
  description: 'How Exchange is reached, and how hard it may be worked.',
  version: 1,
  settings: {
    userName: setting(line, {
      title: 'Username',
      description: 'The account of the synchronizer (SyncUser). With hosted Exchange the full e-mail address.',
      default: '',
      since: '0.1.0',
      examples: ['sync@example.com'],
    }),
    domain: setting(line, {
      title: 'Domain',
      description: 'The Windows domain of the account; empty with hosted Exchange.',
      default: '',
      since: '0.1.0',
      examples: ['EXAMPLE'],
    }),
    authentication: setting(choice('basic', 'ntlm', 'oauth'), {
      title: 'Authentication',
      description: 'How the account signs in to Exchange. `basic` and `oauth` need https, but for this machine itself.',
      default: 'basic',
      since: '0.1.0',
    }),
    autodiscover: setting(choice('off', 'by-address', 'by-url'), {
      title: 'Autodiscover EWS',
      description:
        '`by-address` asks Autodiscover for the domain of the account, `by-url` asks the given Autodiscover URL.',
      default: 'off',
      since: '0.1.0',
    }),
    autodiscoverUrl: setting(url, {
      title: 'Autodiscover via URL',
      description: 'Where Autodiscover answers, when `autodiscover` is `by-url`.',
      default: '',
      since: '0.1.0',
      examples: ['https://autodiscover.example.com/autodiscover/autodiscover.xml'],
    }),
    ewsUrl: setting(url, {
      title: 'EWS URL',
      description: 'The address of Exchange Web Services.',
      default: '',
      since: '0.1.0',
      examples: ['https://mail.example.com/EWS/Exchange.asmx'],
    }),
    oabUrl: setting(url, {
      title: 'OAB URL',
      description: 'The address of the offline address book, from which mailboxes are listed for linking.',
      default: '',
      since: '0.1.0',
      examples: ['https://mail.example.com/OAB/'],
    }),
    access: setting(choice('impersonation', 'delegation'), {
      title: 'Impersonation / Delegation',
      description:
        'How the account reaches the mailboxes. Impersonation is the faster; delegation needs rights for each mailbox.',
      default: 'impersonation',
      since: '0.1.0',
    }),
    eventsOptimizerMinutes: setting(Type.Integer({ minimum: 0, maximum: 1440 }), {
      title: 'Events Optimizer Interval (minutes)',
      description: 'Minutes between two runs of the events optimizer; 0 switches it off.',
      default: 60,
      since: '0.1.0',
    }),
    highServerLoad: setting(Type.Boolean(), {
      title: 'Optimize for High Server load environments',
      description:
        'Delays calls while the average response time of the last minute is above 5 seconds: each follows the one before after a tenth of the excess, at most 10 seconds.',
      default: false,
      since: '0.1.0',
    }),
    incrementalChangeDetectionOnly: setting(Type.Boolean(), {
      title: 'Use Incremental Change Detection only',
      description:
        'No notifications: the users are visited in order, one at a time, with a pause of 3 seconds between two.',
      default: false,
      since: '0.1.0',
    }),
    concurrentRequestLimit: setting(Type.Integer({ minimum: 0, maximum: 1000 }), {
      title: 'Limit number of concurrent requests',
      description: 'At most so many requests to Exchange at the same time; the rest wait. 0 means no fixed limit.',
      default: 0,
      since: '0.1.0',
      examples: [20],
    }),
    streamingConnectionLimit: setting(Type.Integer({ minimum: 1, maximum: 10 }), {
      title: 'Limit of streaming connections',
      description: 'Streaming connections at the same time for each impersonated mailbox that carries one.',
      default: 3,
      since: '0.1.0',
    }),
    trustedAuthorities: setting(pem(65_536), {
      title: 'Trusted certificate authorities',
      description:
        'Certificates of authorities of your own that sign the certificates of Exchange, as PEM text, one after the other. They are trusted beside the usual ones.',
      default: '',
      since: '0.2.0',
    }),
    proxyUrl: setting(url, {
      title: 'HTTP proxy',
      description:
        'The proxy through which Exchange, Autodiscover and the sign-in service are reached (CONNECT); empty for none. It must begin with `http://`.',
      default: '',
      since: '0.2.0',
      examples: ['http://proxy.example.com:3128'],
    }),
    proxyUserName: setting(line, {
      title: 'Proxy username',
      description: 'The account at the proxy, when it asks for one (Basic).',
      default: '',
      since: '0.2.0',
    }),
    proxyPassword: secret({
      title: 'Proxy password',
      description:
        'The password of the account at the proxy, in clear; it can be read between Lockstep and the proxy. It is sealed together with proxy and proxy account; ' +
        'a change of one of these needs it again in the same request.',
      since: '0.2.0',
    }),
    oauthTenant: setting(line, {
      title: 'OAuth tenant',
      description: 'The directory (tenant) id or a domain of it, for authentication `oauth`.',
      default: '',
      since: '0.2.0',
      examples: ['contoso.onmicrosoft.com'],
    }),
    oauthClientId: setting(line, {
      title: 'OAuth application id',
      description:
        'The application (client) id of the registered application, for authentication `oauth`. It stands for the account: the user name is not used.',
      default: '',
      since: '0.2.0',
      examples: ['11111111-2222-3333-4444-555555555555'],
    }),
    oauthAuthority: setting(url, {
      title: 'OAuth sign-in service',
      description: 'Where tokens are asked for.',
      default: 'https://login.microsoftonline.com',
      since: '0.2.0',
    }),
    oauthClientSecret: secret({
      title: 'OAuth client secret',
      description:
        'A client secret of the application, in clear. It is sealed together with tenant, application and hosts; a change of one of these needs it again in the same request.',
      since: '0.2.0',
    }),
    oauthCertificate: setting(pem(16_384), {
      title: 'OAuth certificate',
      description:
        'The certificate (RSA) that is registered with the application, as PEM text. With a certificate and its key no client secret is used.',
      default: '',
      since: '0.2.0',
    }),
    oauthPrivateKey: secret({
      title: 'OAuth private key',
      description:
        'The private key of the certificate, as PEM text without a pass phrase. It is sealed like the client secret.',
      since: '0.2.0',
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

export const TechnicalSettings = technicalSection.schema;
export type TechnicalSettings = Data<typeof TechnicalSettings>;
export const defaultTechnicalSettings: TechnicalSettings = technicalSection.standard;

export type Authentication = TechnicalSettings['authentication'];
