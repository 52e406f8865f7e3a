// The control API of the SuperOffice simulator, as people use SuperOffice: it is not what the watcher talks to.
import { createServer } from 'node:net';
import type { SuperOfficeSimulator } from '@lockstep/superoffice-simulator';

export interface ControlledAppointment {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly start: string;
  readonly end: string;
  readonly isAllDay: boolean;
  readonly isFree: boolean;
  readonly location: string;
  readonly private: string;
  readonly associate: string;
  readonly hasAlarm: boolean;
  readonly foreignKeys: readonly { readonly name: string; readonly value: string }[];
}

export async function control<T>(
  simulator: SuperOfficeSimulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
