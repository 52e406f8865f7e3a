// Tries the stored technical settings against the server, step by step, each with its time and with advice. What hangs on a failed
// step is skipped with the reason, so that a refused password is sent once. Every call of EWS has its token, like any other.
import type { RequestContext } from '@lockstep/bus';
import {
  type CodedError,
  type Data,
  type exchange,
  failure,
  folderNames,
  type MailboxKey,
  type Outcome,
  success,
  type TechnicalSettings,
} from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import type { Backend, Folder } from '../backend.ts';
import { type Asked, asking, type Mailboxes } from '../mailboxes.ts';
import { adviceFor } from './connection-advice.ts';
import type { Handler } from './handler.ts';

type Step = Data<typeof exchange.TestStep>;

/** What a backend can try beside its port. The values are remarks for people, or empty. */
export interface Probing {
  /** Exchange refused the account before: one more attempt is allowed now, since a person asks for it. */
  allowTry(): void;
  probeName(): Promise<Outcome<string>>;
  probePort(): Promise<Outcome<string>>;
  probeWay(): Promise<Outcome<string>>;
  probeAddressBook(signal: AbortSignal): Promise<Outcome<string>>;
}

export interface TestConnectionParts {
  readonly mailboxes: Mailboxes;
  /** The one that the technical settings are about. */
  readonly backend: Backend & Probing;
  readonly technical: () => TechnicalSettings;
  readonly clock: Clock;
}

export function testConnection(parts: TestConnectionParts): Handler<typeof exchange.testConnection> {
  return async ({ mailbox }, context) =>
    new ConnectionTest(parts, context).run(mailbox ?? firstMailbox(parts.mailboxes));
}

/** Failures of one folder, which say nothing against the mailbox. */
const ofFolder: ReadonlySet<string> = new Set(['exchange-folder-missing', 'exchange-access-denied']);

class ConnectionTest {
  readonly #parts: TestConnectionParts;
  readonly #context: RequestContext;
  readonly #settings: TechnicalSettings;
  readonly #steps: Step[] = [];

  constructor(parts: TestConnectionParts, context: RequestContext) {
    this.#parts = parts;
    this.#context = context;
    this.#settings = parts.technical();
  }

  async run(mailbox: MailboxKey | undefined): Promise<Outcome<{ ok: boolean; steps: readonly Step[] }>> {
    const { backend } = this.#parts;
    const { signal } = this.#context;
    backend.allowTry();
    const failed = await this.#inOrder([
      ['settings', async () => remark(await backend.ready())],
      ['dns', () => backend.probeName()],
      ['tcp', () => backend.probePort()],
      ['tls', () => this.#way()],
      ['authentication', () => this.#authenticate()],
    ]);
    await this.#mailboxSteps(mailbox, failed);
    const { oabUrl, authentication } = this.#settings;
    if (failed !== undefined) this.#skip('oab', after(failed));
    else if (oabUrl === '') this.#skip('oab', 'no OAB URL is set');
    else if (authentication === 'oauth') this.#skip('oab', 'an application has no offline address book');
    else await this.#run('oab', () => backend.probeAddressBook(signal));
    return success({ ok: this.#steps.every(({ ok, skipped }) => ok || skipped === true), steps: this.#steps });
  }

  async #way(): Promise<Outcome<string>> {
    const way = await this.#parts.backend.probeWay();
    if (!way.ok || this.#settings.ewsUrl.startsWith('https:')) return way;
    return success('plain http: nothing is encrypted');
  }

  async #authenticate(): Promise<Outcome<string>> {
    const reached = await this.#parts.backend.reach(asking('person', this.#context));
    return reached.ok ? success(reached.value.version === undefined ? '' : `EWS ${reached.value.version}`) : reached;
  }

  async #mailboxSteps(mailbox: MailboxKey | undefined, failed: string | undefined): Promise<void> {
    const { mailboxes, backend } = this.#parts;
    const reason = failed === undefined ? mailbox === undefined && 'no mailbox is linked' : after(failed);
    const asked = mailbox === undefined ? undefined : mailboxes.ask(mailbox, 'person', this.#context);
    const names = [this.#settings.access, ...folderNames, 'streaming'];
    if (asked === undefined || reason !== false) return void names.map((name) => this.#skip(name, reason || ''));
    let calendar: Outcome<Folder> | undefined;
    const opened = await this.#run(this.#settings.access, async () => {
      if (!asked.ok) return asked;
      calendar = await asked.value.backend.getFolder(asked.value.ask, 'calendar');
      return calendar.ok || ofFolder.has(calendar.error.code) ? success('') : calendar;
    });
    if (!asked.ok || !opened) return void names.slice(1).map((name) => this.#skip(name, after(this.#settings.access)));
    for (const folder of folderNames)
      await this.#run(folder, async () => {
        const known = folder === 'calendar' ? calendar : undefined;
        return rightsIn(known ?? (await asked.value.backend.getFolder(asked.value.ask, folder)));
      });
    if (!backend.watches())
      this.#skip('streaming', 'Exchange gives a delegate no notifications; mailboxes are visited instead');
    else await this.#run('streaming', () => subscribes(asked.value));
  }

  /** Runs until one fails, whose name is returned; the others are skipped. */
  async #inOrder(steps: readonly (readonly [string, () => Promise<Outcome<string>>])[]): Promise<string | undefined> {
    let failed: string | undefined;
    for (const [step, attempt] of steps) {
      if (failed !== undefined) this.#skip(step, after(failed));
      else if (!(await this.#run(step, attempt))) failed = step;
    }
    return failed;
  }

  async #run(step: string, attempt: () => Promise<Outcome<string>>): Promise<boolean> {
    const { clock } = this.#parts;
    const beganAt = clock.monotonic();
    const outcome = await attempt();
    const tookMs = Math.max(0, Math.round(clock.monotonic() - beganAt));
    const told = outcome.ok ? detailOf(outcome.value) : explained(step, outcome.error, this.#settings.access);
    this.#steps.push({ step, ok: outcome.ok, tookMs, ...told });
    return outcome.ok;
  }

  #skip(step: string, reason: string): void {
    this.#steps.push({ step, ok: false, skipped: true, tookMs: 0, detail: reason });
  }
}

/** All that a synchronized folder needs; reading alone is not enough. */
function rightsIn(folder: Outcome<Folder>): Outcome<string> {
  if (!folder.ok) return folder;
  const missing = Object.entries(folder.value.rights).filter(([, allowed]) => !allowed);
  if (missing.length === 0) return success('');
  return failure('exchange-access-denied', { detail: `missing: ${missing.map(([right]) => right).join(', ')}` });
}

async function subscribes({ backend, ask }: Asked): Promise<Outcome<string>> {
  const watch = backend.openWatch();
  const subscribed = await watch.subscribe(ask);
  if (!subscribed.ok) return subscribed;
  return remark(await watch.unsubscribe(ask, subscribed.value));
}

function firstMailbox(mailboxes: Mailboxes): MailboxKey | undefined {
  for (const { mailbox } of mailboxes.enabled()) return mailbox.key;
  return undefined;
}

const remark = (outcome: Outcome<void>): Outcome<string> => (outcome.ok ? success('') : outcome);
const after = (step: string) => `not tried, since ${step} failed`;
const detailOf = (text: string) => (text === '' ? {} : { detail: text });

function explained(step: string, { code, detail, field }: CodedError, access: TechnicalSettings['access']) {
  return { code, ...detailOf(detail ?? field ?? ''), advice: adviceFor(step, code, access) };
}
