// What an operation is made of: a handler of the bus that turns one request into calls of Exchange.
import type { RequestContext } from '@lockstep/bus';
import type { FolderName, Outcome, ReplyOf, RequestOf } from '@lockstep/contracts';
import type { SettingsReader } from '@lockstep/service-kit/kit';
import { FolderId, Mailbox, WellKnownFolderName } from 'ews-javascript-api';
import type { Endpoint } from '../backends/ews/calls/endpoint.ts';
import type { EwsClient } from '../backends/ews/calls/ews-client.ts';
import type { Target } from '../backends/ews/soap/request-builder.ts';

export interface OperationParts {
  readonly client: EwsClient;
  readonly endpoint: Endpoint;
  readonly settings: SettingsReader;
}

export type Handler<O> = (body: RequestOf<O>, context: RequestContext) => Promise<Outcome<ReplyOf<O>>>;

const folders = {
  calendar: WellKnownFolderName.Calendar,
  tasks: WellKnownFolderName.Tasks,
  contacts: WellKnownFolderName.Contacts,
} as const satisfies Record<FolderName, WellKnownFolderName>;

/** A folder of the target's mailbox. With delegation the address stands in the folder id. */
export function folderIdOf(target: Target, folder: FolderName): FolderId {
  const name = folders[folder];
  return target.kind === 'delegation' ? new FolderId(name, new Mailbox(target.address)) : new FolderId(name);
}
