// Who there is: mailboxes by address, alias and GUID, and the accounts that may log on.
import { randomUUID } from 'node:crypto';
import type { MailboxIdentity, StoreContext } from './mailbox.ts';
import { Mailbox } from './mailbox.ts';

/** Which mailboxes an account may act for. */
export type ImpersonationRight =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'scope'; readonly addresses: readonly string[] };

export interface Account {
  readonly address: string;
  readonly password: string;
  readonly impersonation: ImpersonationRight;
  /** Why the account is refused although its password is right. */
  readonly blocked?: 'ewsDisabled' | 'disabled' | undefined;
}

export class Directory {
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #byGuid = new Map<string, Mailbox>();
  readonly #byAlias = new Map<string, Mailbox>();
  readonly #accounts = new Map<string, Account>();
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Adds a mailbox with its folders. The address must be new. */
  addMailbox(identity: Omit<MailboxIdentity, 'guid'> & { readonly guid?: string }): Mailbox {
    const mailbox = this.restoreMailbox({ ...identity, guid: identity.guid ?? randomUUID() });
    mailbox.addStandardFolders();
    return mailbox;
  }

  /** Adds a mailbox without folders: the snapshot brings them. */
  restoreMailbox(identity: MailboxIdentity): Mailbox {
    const mailbox = new Mailbox(identity, this.#context);
    this.#mailboxes.set(identity.address.toLowerCase(), mailbox);
    this.#byGuid.set(identity.guid, mailbox);
    return mailbox;
  }

  /** One more address that reaches a mailbox. */
  addAlias(mailbox: Mailbox, alias: string): void {
    const key = alias.toLowerCase();
    if (!mailbox.aliases.includes(key)) mailbox.aliases.push(key);
    this.#byAlias.set(key, mailbox);
  }

  setAccount(account: Account): void {
    this.#accounts.set(account.address.toLowerCase(), account);
  }

  /** By address, `alias` or `DOMAIN\alias`, as people log on. */
  account(name: string): Account | undefined {
    const key = name.toLowerCase();
    const exact = this.#accounts.get(key);
    if (exact !== undefined || key.includes('@')) return exact;
    const alias = key.slice(key.lastIndexOf('\\') + 1);
    for (const account of this.#accounts.values()) {
      if (account.address.toLowerCase().startsWith(`${alias}@`)) return account;
    }
    return undefined;
  }

  mailbox(address: string): Mailbox | undefined {
    const key = address.toLowerCase();
    return this.#mailboxes.get(key) ?? this.#byAlias.get(key);
  }

  mailboxByGuid(guid: string): Mailbox | undefined {
    return this.#byGuid.get(guid);
  }

  mailboxes(): readonly Mailbox[] {
    return [...this.#mailboxes.values()];
  }

  accounts(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  clear(): void {
    this.#mailboxes.clear();
    this.#byGuid.clear();
    this.#byAlias.clear();
    this.#accounts.clear();
  }
}
