// Everything that the server sent: invitations, updates, answers, cancellations, messages; to people with a mailbox here and
// to others, whom nothing reaches. It shows that a client sent nothing.

export type SentKind = 'MeetingRequest' | 'MeetingResponse' | 'MeetingCancellation' | 'Message';

export interface SentMessage {
  readonly seq: number;
  readonly kind: SentKind;
  readonly sentAt: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Of a meeting. */
  readonly uid?: string | undefined;
  /** What is answered: Accept, Tentative, Decline. */
  readonly response?: string | undefined;
  /** The account whose request sent it. */
  readonly account: string;
}

export class Outbox {
  readonly #capacity: number;
  #sent: SentMessage[] = [];
  #seq = 0;

  /** @param capacity how many are kept; the oldest go first */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(message: Omit<SentMessage, 'seq'>): void {
    this.#seq += 1;
    this.#sent.push({ seq: this.#seq, ...message });
    if (this.#sent.length > this.#capacity) this.#sent.shift();
  }

  /** Those after a sequence number, oldest first. */
  after(seq: number): readonly SentMessage[] {
    return this.#sent.filter((each) => each.seq > seq);
  }

  /** What an earlier run had sent. */
  restore(sent: readonly SentMessage[]): void {
    this.#sent = sent.slice(-this.#capacity);
    this.#seq = sent.at(-1)?.seq ?? 0;
  }

  clear(): void {
    this.#sent = [];
  }
}
