// Takes the notifications of one partition from the stream and has each mailbox scanned. A notification is acknowledged when the new
// cookie is stored, never before; one that cannot be done now is given back to the stream with the time to wait.
import type { Delivery, Puller, Stoppable } from '@lockstep/bus';
import { wait } from '@lockstep/bus/wait';
import { mailboxOfSubject, type Notified, notifiedConsumer, notifiedMessage } from '@lockstep/contracts';
import type { ScannerTools } from '../scan/scanner-tools.ts';

const afterErrorMs = 500;

export class Intake implements Stoppable {
  readonly #tools: ScannerTools;
  readonly #partition: number;
  readonly #lease: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  readonly #abandoned = new AbortController();
  readonly #loop: Promise<void>;
  #fetching = new AbortController();

  constructor(tools: ScannerTools, partition: number, lease: AbortSignal) {
    this.#tools = tools;
    this.#partition = partition;
    this.#lease = lease;
    this.#loop = this.#run();
  }

  /** Asks anew: the NATS server that was asked does not know of it any more. */
  askAgain(): void {
    this.#fetching.abort();
  }

  /** Takes nothing new, waits for running scans at most `handOverMs`, then breaks them off between two steps. */
  async stop(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
    const patience = new AbortController();
    await Promise.race([Promise.all(this.#running), wait(this.#tools.config.handOverMs, patience.signal)]);
    patience.abort();
    this.#abandoned.abort();
  }

  async #run(): Promise<void> {
    const { kit, places } = this.#tools;
    const ends = AbortSignal.any([this.#lease, this.#closed.signal]);
    let puller: Puller<Notified> | undefined;
    while ((await places.take(ends)) === 'taken') {
      let delivery: Delivery<Notified> | undefined;
      try {
        puller ??= await kit.bus.pull(notifiedMessage, notifiedConsumer(this.#partition));
        this.#fetching = new AbortController();
        const signal = AbortSignal.any([ends, this.#fetching.signal]);
        [delivery] = await puller.fetch(1, this.#tools.config.fetchWaitMs, signal);
      } catch (err) {
        kit.log.warn({ err, partition: this.#partition }, 'notifications could not be fetched');
        await wait(afterErrorMs, ends);
      }
      if (delivery === undefined) places.giveBack();
      else this.#begin(delivery);
    }
    await puller?.stop();
  }

  #begin(delivery: Delivery<Notified>): void {
    const { kit, places } = this.#tools;
    const work = this.#work(delivery)
      .catch((err) => kit.log.error({ err, partition: this.#partition }, 'notification broke off'))
      .finally(() => {
        this.#running.delete(work);
        places.giveBack();
      });
    this.#running.add(work);
  }

  async #work(delivery: Delivery<Notified>): Promise<void> {
    const { kit, config, metrics, room } = this.#tools;
    const { body } = delivery;
    if (body.kind === 'unreadable') metrics.unreadable();
    const mailbox = mailboxOfSubject(delivery.subject);
    if (mailbox === undefined) return delivery.ack();
    // Perhaps the gateway knows of a link that we do not know yet: only who is still unknown after a while is forgotten.
    // Linked later, it is looked at then (lookout.ts).
    if (kit.settings.userLinks().get(mailbox)?.enabled !== true)
      return delivery.deliveries > 1 ? delivery.ack() : delivery.retry(config.unknownLinkMs);
    const progress = setInterval(() => delivery.working(), config.progressEveryMs);
    try {
      const end = await room.scan({
        mailbox,
        changeClass: 'now',
        priority: 'change',
        firstSeenAt: body.kind === 'read' ? body.value.firstSeenAt : new Date(kit.clock.now()).toISOString(),
        correlationId: delivery.context.correlationId,
        signal: AbortSignal.any([this.#lease, this.#abandoned.signal]),
      });
      if (end.kind === 'done') await delivery.ack();
      else delivery.retry(end.delayMs);
    } finally {
      clearInterval(progress);
    }
  }
}
