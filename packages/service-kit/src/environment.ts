// The declared variables (contracts/environment.ts) and nothing else: a variable that is not declared cannot be read.
import { hostname } from 'node:os';
import { environment as declared, type ServiceName, servicePorts, type Variable } from '@lockstep/contracts';

export type Environment = (variable: string) => string | undefined;

/** Reads by name, `LOCKSTEP_LOG_LEVEL`; the empty text counts as not set. Throws for a name that is not declared. */
export function readEnvironment(values: Readonly<Record<string, string | undefined>>): Environment {
  const known = new Map<string, Variable>(Object.values(declared).map((variable) => [variable.name, variable]));
  return (name) => {
    const variable = known.get(name);
    if (variable === undefined) throw new RangeError(`${name} is not declared in contracts/environment.ts`);
    return values[name] || variable.standard;
  };
}

/** What the kit itself needs from the environment. Throws with the variable's name when a value is wrong. */
export interface KitConfig {
  readonly natsUrl: string;
  readonly natsUser: string;
  readonly natsPasswordFile: string | undefined;
  readonly replicas: number;
  readonly historyBytes: number;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly instance: string;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function kitConfig(service: ServiceName, environment: Environment): KitConfig {
  const oneOf = (name: string, allowed: readonly string[]): string => {
    const value = environment(name) ?? '';
    if (!allowed.includes(value)) throw new RangeError(`${name} is none of ${allowed.join(', ')}`);
    return value;
  };
  const port = environment(declared.port.name) ?? String(servicePorts[service]);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new RangeError(`${declared.port.name} is not a port`);
  return {
    natsUrl: environment(declared.natsUrl.name) ?? '',
    natsUser: environment(declared.natsUser.name) ?? service,
    natsPasswordFile: environment(declared.natsPasswordFile.name),
    historyBytes: gibibytes(declared.historyGib.name, environment) * 1024 ** 3,
    replicas: Number(oneOf(declared.natsReplicas.name, ['1', '3'])),
    host: environment(declared.host.name) ?? '',
    port: Number(port),
    logLevel: oneOf(declared.logLevel.name, logLevels),
    instance: environment(declared.instance.name) ?? `${hostname()}-${process.pid}`,
  };
}

function gibibytes(name: string, environment: Environment): number {
  const text = environment(name) ?? '';
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new RangeError(`${name} is not a whole number from 1 to 99999`);
  return Number(text);
}
