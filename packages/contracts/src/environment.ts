// Every environment variable that Lockstep reads, with its default. A test compares this list with the code and the README.

export interface Variable {
  readonly name: string;
  readonly usedBy: string;
  /** Absent means: required, or off, as the meaning says. */
  readonly standard?: string;
  readonly meaning: string;
}

const all = 'every service';

export const environment = {
  natsUrl: {
    name: 'NATS_URL',
    usedBy: all,
    standard: 'nats://127.0.0.1:4222',
    meaning: 'Address of the NATS server; several are separated by commas.',
  },
  natsUser: { name: 'LOCKSTEP_NATS_USER', usedBy: all, meaning: 'NATS user of this service; by default its own name.' },
  natsPasswordFile: {
    name: 'LOCKSTEP_NATS_PASSWORD_FILE',
    usedBy: all,
    meaning: 'File with the password of that user; without it the service connects without a user.',
  },
  natsReplicas: {
    name: 'LOCKSTEP_NATS_REPLICAS',
    usedBy: all,
    standard: '1',
    meaning: 'Copies of each stream and bucket, 1 or 3.',
  },
  host: { name: 'LOCKSTEP_HOST', usedBy: all, standard: '127.0.0.1', meaning: 'Address that HTTP servers listen on.' },
  port: {
    name: 'LOCKSTEP_PORT',
    usedBy: all,
    meaning: 'HTTP port of this service; the default is in the table of addresses. 0 takes a free one.',
  },
  logLevel: {
    name: 'LOCKSTEP_LOG_LEVEL',
    usedBy: all,
    standard: 'info',
    meaning: 'trace, debug, info, warn, error or fatal.',
  },
  instance: {
    name: 'LOCKSTEP_INSTANCE',
    usedBy: all,
    meaning: 'Name of this process among the replicas; by default host name and process id.',
  },
  exchangeKeyFile: {
    name: 'LOCKSTEP_EXCHANGE_KEY_FILE',
    usedBy: 'exchange-gateway',
    meaning: 'File with the private key (JWK) that opens the Exchange credentials.',
  },
  superofficeKeyFile: {
    name: 'LOCKSTEP_SUPEROFFICE_KEY_FILE',
    usedBy: 'superoffice-watcher',
    meaning: 'File with the private key (JWK) that opens the SuperOffice credentials and makes the webhook secret.',
  },
  exchangePublicKeyFile: {
    name: 'LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE',
    usedBy: 'settings',
    meaning: 'File with the public key (JWK) that seals the Exchange credentials.',
  },
  superofficePublicKeyFile: {
    name: 'LOCKSTEP_SUPEROFFICE_PUBLIC_KEY_FILE',
    usedBy: 'settings',
    meaning: 'File with the public key (JWK) that seals the SuperOffice credentials.',
  },
  adminToken: {
    name: 'LOCKSTEP_ADMIN_TOKEN',
    usedBy: 'settings',
    meaning: 'The administrator token of the settings API; only its hash is stored.',
  },
  adminTokenFile: {
    name: 'LOCKSTEP_ADMIN_TOKEN_FILE',
    usedBy: 'settings',
    meaning: 'File with that token, instead of the variable.',
  },
} as const satisfies Record<string, Variable>;

/** The HTTP port of each service when LOCKSTEP_PORT is not set (design §10). */
export const servicePorts = {
  settings: 8080,
  'exchange-gateway': 9101,
  'ics-scanner': 9102,
  'superoffice-watcher': 9103,
  'throttle-governor': 9104,
  'sync-engine': 9105,
} as const;
export type ServiceName = keyof typeof servicePorts;
export const serviceNames = Object.keys(servicePorts) as ServiceName[];

/** Where the superoffice-watcher receives webhooks. */
export const webhookPort = 9113;
