// The change tracking of Exchange behind a gateway that is only the one operation `exchange.sync-folder-items`, hostile on request:
// fails, forgets sync states, repeats what it said, answers in small pages.
import type { RequestContext, Stoppable } from '@lockstep/bus';
import type { NatsServerUnderTest } from '@lockstep/bus/testing/nats-server';
import {
  type CodedError,
  exchange,
  type FolderName,
  failure,
  type ItemChange,
  type MailboxKey,
  type Outcome,
  type ReplyOf,
  type RequestOf,
  success,
} from '@lockstep/contracts';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';

export type Call = RequestOf<typeof exchange.syncFolderItems>;
type Reply = ReplyOf<typeof exchange.syncFolderItems>;

interface Folder {
  /** Part of each sync state; another one makes all earlier states invalid. */
  generation: number;
  readonly log: ItemChange[];
}

export class FakeExchange {
  readonly calls: Call[] = [];
  /** The most calls for one mailbox at the same time. */
  together = 0;
  /** The most calls at the same time. */
  togetherAll = 0;
  /** Changes in one answer, at most. */
  pageSize = 512;
  /** Says that there is more, and gives the state that it was asked with. */
  isStuck = false;
  /** Begins each answer with the last change before the sync state once more. */
  repeats = false;
  /** Called before each answer; an error is answered instead. */
  before: (call: Call) => CodedError | undefined | Promise<CodedError | undefined> = () => undefined;
  readonly #folders = new Map<string, Folder>();
  readonly #running = new Map<MailboxKey, number>();

  change(mailbox: MailboxKey, ...changes: readonly ItemChange[]): void {
    this.changeIn('calendar', mailbox, ...changes);
  }

  changeIn(folder: FolderName, mailbox: MailboxKey, ...changes: readonly ItemChange[]): void {
    this.#folder(mailbox, folder).log.push(...changes);
  }

  /** Forgets every sync state that was given for this mailbox. */
  forgetStates(mailbox: MailboxKey): void {
    this.#folder(mailbox).generation += 1;
  }

  /** The sync state after everything so far. */
  newest(mailbox: MailboxKey): string {
    const { generation, log } = this.#folder(mailbox);
    return `${generation}:${log.length}`;
  }

  callsOf(mailbox: MailboxKey): readonly Call[] {
    return this.calls.filter((call) => call.mailbox === mailbox);
  }

  async answer(call: Call, _context: RequestContext): Promise<Outcome<Reply>> {
    const running = (this.#running.get(call.mailbox) ?? 0) + 1;
    this.#running.set(call.mailbox, running);
    this.together = Math.max(this.together, running);
    this.togetherAll = Math.max(
      this.togetherAll,
      [...this.#running.values()].reduce((sum, one) => sum + one, 0),
    );
    this.calls.push(call);
    try {
      const error = await this.before(call);
      return error === undefined ? this.#page(call) : { ok: false, error };
    } finally {
      this.#running.set(call.mailbox, (this.#running.get(call.mailbox) ?? 1) - 1);
    }
  }

  #page({ mailbox, folder, syncState, maxChanges }: Call): Outcome<Reply> {
    const { generation, log } = this.#folder(mailbox, folder);
    const [known, position] = syncState === null ? [generation, 0] : syncState.split(':').map(Number);
    if (known !== generation || position === undefined) return failure('exchange-sync-state-invalid');
    const end = Math.min(log.length, position + Math.min(maxChanges, this.pageSize));
    const begin = this.repeats ? Math.max(0, position - 1) : position;
    if (this.isStuck) return success({ syncState: `${generation}:${begin}`, more: true, changes: [] });
    return success({ syncState: `${generation}:${end}`, more: end < log.length, changes: log.slice(begin, end) });
  }

  #folder(mailbox: MailboxKey, name: FolderName = 'calendar'): Folder {
    const key = `${mailbox} ${name}`;
    const folder = this.#folders.get(key) ?? { generation: 1, log: [] };
    this.#folders.set(key, folder);
    return folder;
  }
}

/** Serves it on a bus of its own, as the gateway would. */
export async function serveExchange(
  server: NatsServerUnderTest,
  fake: FakeExchange,
): Promise<{ readonly kit: TestKit } & Stoppable> {
  const kit = await createTestKit('exchange-gateway', { natsUrl: server.url, natsPasswords: server.passwords });
  const serving = await kit.bus.serve(exchange.syncFolderItems, { running: 100, waiting: 1_000 }, (call, context) =>
    fake.answer(call, context),
  );
  return {
    kit,
    stop: async () => {
      await serving.stop();
      await kit.close();
    },
  };
}
