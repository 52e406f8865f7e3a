// Fills the server with people, accounts and appointments. What is there already stays, and is updated where it is named again.
import type { Application } from '../logon/tokens.ts';
import type { Simulator } from '../simulator.ts';
import type { Account, ImpersonationRight } from '../store/directory.ts';
import { readEntry } from './calendar-entries.ts';
import {
  asList,
  asObject,
  asStrings,
  asText,
  asZone,
  type JsonObject,
  optionalBoolean,
  optionalText,
} from './json-input.ts';

const defaultZone = 'W. Europe Standard Time';

/** @returns how much there is now. @throws ControlError */
export function seed(simulator: Simulator, body: JsonObject): unknown {
  for (const each of asList(body['mailboxes'], 'mailboxes')) seedMailbox(simulator, asObject(each, 'a mailbox'));
  for (const each of asList(body['accounts'], 'accounts')) {
    simulator.directory.setAccount(readAccount(asObject(each, 'an account')));
  }
  for (const each of asList(body['applications'], 'applications')) {
    simulator.tokens.register(readApplication(asObject(each, 'an application')));
  }
  simulator.revision += 1;
  return { mailboxes: simulator.directory.mailboxes().length, accounts: simulator.directory.accounts().length };
}

function seedMailbox(simulator: Simulator, body: JsonObject): void {
  const { directory } = simulator;
  const address = asText(body['address'], 'address');
  const displayName = optionalText(body['displayName'], 'displayName') ?? address.split('@')[0] ?? address;
  const zone = asZone(optionalText(body['timeZone'], 'timeZone') ?? defaultZone);
  const mailbox = directory.mailbox(address) ?? directory.addMailbox({ address, displayName, timeZone: zone });
  for (const alias of asStrings(body['aliases'], 'aliases')) directory.addAlias(mailbox, alias);
  const password = optionalText(body['password'], 'password');
  if (password !== undefined) directory.setAccount({ address, password, impersonation: { kind: 'none' } });
  for (const item of asList(body['items'], 'items')) {
    const draft = readEntry(asObject(item, 'an item'), mailbox, simulator);
    mailbox.create(mailbox.folder('calendar'), draft, mailbox.identity.displayName);
  }
}

function readAccount(body: JsonObject): Account {
  return {
    address: asText(body['address'], 'address'),
    password: asText(body['password'], 'password'),
    impersonation: readRight(body['impersonation']),
  };
}

function readRight(value: unknown): ImpersonationRight {
  if (value === undefined || value === false) return { kind: 'none' };
  if (value === true) return { kind: 'all' };
  return { kind: 'scope', addresses: asStrings(asObject(value, 'impersonation')['scope'], 'impersonation.scope') };
}

function readApplication(body: JsonObject): Application {
  return {
    appId: asText(body['appId'], 'appId'),
    secret: asText(body['secret'], 'secret'),
    account: asText(body['account'], 'account'),
    appOnly: optionalBoolean(body['appOnly'], 'appOnly') ?? true,
  };
}
