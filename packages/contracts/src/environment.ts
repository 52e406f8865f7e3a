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
  historyGib: {
    name: 'LOCKSTEP_HISTORY_GIB',
    usedBy: `${all}, npm start`,
    standard: '20',
    meaning:
      'GiB that the history may take in NATS, when its stream is made; one that exists keeps its bound. `npm start` takes less when the disk has less free.',
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
  webhookPort: {
    name: 'LOCKSTEP_WEBHOOK_PORT',
    usedBy: 'superoffice-watcher',
    standard: '9113',
    meaning: 'Port on which SuperOffice webhooks are received.',
  },
  natsServer: {
    name: 'LOCKSTEP_NATS_SERVER',
    usedBy: 'npm start, tests',
    standard: 'nats-server',
    meaning: 'The nats-server program to run.',
  },
  natsPort: {
    name: 'LOCKSTEP_NATS_PORT',
    usedBy: 'npm start',
    standard: '4222',
    meaning: 'Port of the NATS server that is started; the next free one is taken.',
  },
  settingsPort: { name: 'LOCKSTEP_SETTINGS_PORT', usedBy: 'npm start', standard: '8080', meaning: 'Port of settings.' },
  exchangeGatewayPort: {
    name: 'LOCKSTEP_EXCHANGE_GATEWAY_PORT',
    usedBy: 'npm start',
    standard: '9101',
    meaning: 'Port of exchange-gateway.',
  },
  icsScannerPort: {
    name: 'LOCKSTEP_ICS_SCANNER_PORT',
    usedBy: 'npm start',
    standard: '9102',
    meaning: 'Port of ics-scanner.',
  },
  superofficeWatcherPort: {
    name: 'LOCKSTEP_SUPEROFFICE_WATCHER_PORT',
    usedBy: 'npm start',
    standard: '9103',
    meaning: 'Port of superoffice-watcher.',
  },
  throttleGovernorPort: {
    name: 'LOCKSTEP_THROTTLE_GOVERNOR_PORT',
    usedBy: 'npm start',
    standard: '9104',
    meaning: 'Port of throttle-governor.',
  },
  syncEnginePort: {
    name: 'LOCKSTEP_SYNC_ENGINE_PORT',
    usedBy: 'npm start',
    standard: '9105',
    meaning: 'Port of sync-engine.',
  },
  exchangeSimulatorPort: {
    name: 'LOCKSTEP_EXCHANGE_SIMULATOR_PORT',
    usedBy: 'npm start, exchange-simulator',
    standard: '8090',
    meaning: 'Port of the Exchange simulator.',
  },
  exchangeSimulatorTlsPort: {
    name: 'LOCKSTEP_EXCHANGE_SIMULATOR_TLS_PORT',
    usedBy: 'exchange-simulator',
    meaning: 'Second port of the simulator, with TLS; 0 takes a free one, without it there is none.',
  },
  exchangeSimulatorTlsHostNames: {
    name: 'LOCKSTEP_EXCHANGE_SIMULATOR_TLS_HOST_NAMES',
    usedBy: 'exchange-simulator',
    meaning: 'Further names and addresses for the certificate of that port, divided by commas.',
  },
  exchangeSimulatorSnapshot: {
    name: 'LOCKSTEP_EXCHANGE_SIMULATOR_SNAPSHOT',
    usedBy: 'exchange-simulator',
    meaning: 'File that keeps the simulator over a restart; without it everything is in memory.',
  },
  exchangeSimulatorRecordDir: {
    name: 'LOCKSTEP_EXCHANGE_SIMULATOR_RECORD_DIR',
    usedBy: 'exchange-simulator',
    meaning: 'Folder into which every request and response is written, to be validated.',
  },
  superofficeSimulatorPort: {
    name: 'LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT',
    usedBy: 'npm start, superoffice-simulator',
    standard: '8100',
    meaning: 'Port of the SuperOffice simulator.',
  },
  superofficeSimulatorSnapshot: {
    name: 'LOCKSTEP_SUPEROFFICE_SIMULATOR_SNAPSHOT',
    usedBy: 'superoffice-simulator',
    meaning: 'File that keeps the simulator over a restart; without it everything is in memory.',
  },
  ewsSchemaDir: {
    name: 'LOCKSTEP_EWS_SCHEMA_DIR',
    usedBy: 'tests',
    meaning:
      'Folder with the EWS schema (`validate/ews-envelope.xsd`), against which recorded requests and responses are validated.',
  },
} as const satisfies Record<string, Variable>;

/** The HTTP port of each service when LOCKSTEP_PORT is not set (docs/architecture.md §10). */
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
