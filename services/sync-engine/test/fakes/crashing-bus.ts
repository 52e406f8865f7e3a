// A bus whose user dies at a chosen effect: before it, or after it but before hearing of it. From then on nothing that
// the user does reaches anybody, as after kill -9 at that instant.
import type { Bucket, Bus, Delivery, Puller } from '@lockstep/bus';

export interface CrashPoint {
  /** The first effect is 1. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

export interface CrashingBus {
  readonly bus: Bus;
  /** Effects so far: requests, writes of state, publishes and acknowledgements. */
  readonly effects: readonly string[];
  readonly dead: boolean;
  /** The chosen effect was reached: it is dead, or will be when that effect has happened. */
  readonly doomed: boolean;
}

/** Effects are counted from the moment that `armed` says so. */
export function crashingBus(bus: Bus, { at, when }: CrashPoint, armed: () => boolean): CrashingBus {
  const effects: string[] = [];
  let dead = false;
  const never = <T>() => new Promise<T>(() => undefined);

  const effect = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (dead) return never();
    if (!armed()) return run();
    effects.push(name);
    if (effects.length !== at) return run();
    if (when === 'after') await run();
    dead = true;
    return never();
  };

  const bucketOf = (bucket: Bucket): Bucket => ({
    ...bucket,
    create: (key, value) => effect('create record', () => bucket.create(key, value)),
    update: (key, value, revision) => effect('update record', () => bucket.update(key, value, revision)),
    createBytes: (key, value) => effect('create links', () => bucket.createBytes(key, value)),
    updateBytes: (key, value, revision) => effect('update links', () => bucket.updateBytes(key, value, revision)),
  });
  const deliveryOf = <T>(delivery: Delivery<T>): Delivery<T> => ({
    ...delivery,
    ack: () => effect('ack', () => delivery.ack()),
    retry: (delayMs) => {
      if (!dead) delivery.retry(delayMs);
    },
    working: () => {
      if (!dead) delivery.working();
    },
  });
  const pullerOf = <T>(puller: Puller<T>): Puller<T> => ({
    stop: () => puller.stop(),
    pending: () => puller.pending(),
    fetch: async (max, waitMs, signal) => {
      const fetched = await puller.fetch(max, waitMs, signal);
      return dead ? never() : fetched.map(deliveryOf);
    },
  });
  const wrapped: Bus = {
    ...bus,
    request: (operation, body, options) =>
      effect(operation.subject.replace('lockstep.v1.', ''), () => bus.request(operation, body, options)),
    publish: (declared, subject, message, options) =>
      effect(`publish ${declared.stream}`, () => bus.publish(declared, subject, message, options)),
    bucket: (name) => (name === 'mailboxes' || name === 'links' ? bucketOf(bus.bucket(name)) : bus.bucket(name)),
    pull: async (declared, consumer) => pullerOf(await bus.pull(declared, consumer)),
  };
  return {
    bus: wrapped,
    effects,
    get dead() {
      return dead;
    },
    get doomed() {
      return effects.length >= at;
    },
  };
}
