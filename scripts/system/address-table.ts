// The one table that `npm start` prints: where everything is.
import { serviceNames } from '@lockstep/contracts';
import { natsUrlOf } from './layout.ts';
import { samplePassword, samplePeople } from './sample-people.ts';
import type { System } from './system.ts';

/** The table of addresses; the administrator token stands in it only when a person reads it at a terminal. */
export function addressTable(system: System, atTerminal: boolean): string {
  const { layout, secrets } = system;
  const settings = system.serviceUrl('settings');
  const rows: [string, string][] = [
    ['Settings API', `${settings}/api/v1`],
    ['API description (Swagger)', `${settings}/docs`],
    ['Administrator token', atTerminal ? secrets.adminToken : secrets.adminTokenFile],
    ['NATS', natsUrlOf(layout)],
  ];
  for (const name of serviceNames) rows.push([`Metrics of ${name}`, `${system.serviceUrl(name)}/metrics`]);
  if (layout.simulators) {
    const names = samplePeople.map((person) => person.login).join(', ');
    rows.push(
      ['Exchange simulator', `${system.simulatorUrl('exchange')}/EWS/Exchange.asmx`],
      ['SuperOffice simulator', `${system.simulatorUrl('superoffice')}/Cust00001`],
      ['Sample people', `${names} @lockstep.test, password ${samplePassword}`],
    );
  }
  rows.push(['Logs', `${layout.dataFolder}/logs`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
  return ['', 'Lockstep is running. Ctrl-C stops it.', '', ...lines, ''].join('\n');
}
