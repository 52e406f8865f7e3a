// Keyed actors: messages of one key are handled one after the other, those of different keys side by side.
// An actor is a queue and a turn, no object of the caller's: what it knows between messages belongs in storage, and it vanishes
// when it has been idle. A message that was being handled when its handler threw is not repeated here: its sender does that.

export interface ActorOptions<K extends string, M> {
  /** Actors that may be alive; a message for one more is `busy`. */
  readonly capacity: number;
  /** Messages that may wait for one key, the one being handled not counted. */
  readonly queue: number;
  /** An actor without a message for so long is let go; only then its place is free, unless another needs it. */
  readonly idleMs: number;
  /** `signal` aborts when `stop` waits no longer. */
  readonly handle: (key: K, message: M, signal: AbortSignal) => Promise<void>;
  /** The handler threw. Only the actor of this key starts anew, with the messages that wait for it. */
  readonly onFailure: (key: K, error: unknown) => void;
}

export interface Actors<K extends string, M> {
  /** `busy`: the key's queue is full, too many actors are alive, or they are being stopped. */
  tell(key: K, message: M): 'accepted' | 'busy';
  /** Keys whose handler runs at this moment. */
  readonly running: number;
  /** Actors alive, the idle ones included. */
  readonly live: number;
  /** Takes nothing new, drops what waits, lets what runs finish; after `withinMs` it aborts the signals and returns. */
  stop(withinMs: number): Promise<void>;
}

interface Actor<M> {
  readonly waiting: M[];
  busy: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

/** Throws `RangeError` when a bound makes no sense. */
export function createActors<K extends string, M>(options: ActorOptions<K, M>): Actors<K, M> {
  const { capacity, queue, idleMs, handle, onFailure } = options;
  if (!(capacity >= 1) || !(queue >= 0) || !(idleMs >= 0))
    throw new RangeError('capacity from 1, queue and idleMs from 0');
  // In the order of their last use, so that the longest idle one is the first idle one found.
  const actors = new Map<K, Actor<M>>();
  const givenUp = new AbortController();
  let running = 0;
  let stopping = false;
  const onIdle: (() => void)[] = [];

  const letGo = (key: K, actor: Actor<M>): void => {
    clearTimeout(actor.idleTimer);
    actors.delete(key);
  };

  const longestIdle = (): [K, Actor<M>] | undefined => {
    for (const entry of actors) if (!entry[1].busy) return entry;
    return undefined;
  };

  /** The actor of a key, made when there is room; an idle one makes room. */
  const actorOf = (key: K): Actor<M> | undefined => {
    const existing = actors.get(key);
    if (existing !== undefined) return existing;
    if (actors.size >= capacity) {
      const idle = longestIdle();
      if (idle === undefined) return undefined;
      letGo(...idle);
    }
    const actor: Actor<M> = { waiting: [], busy: false, idleTimer: undefined };
    actors.set(key, actor);
    return actor;
  };

  const run = async (key: K, actor: Actor<M>, first: M): Promise<void> => {
    actor.busy = true;
    running++;
    clearTimeout(actor.idleTimer);
    for (let message: M | undefined = first; message !== undefined; message = actor.waiting.shift()) {
      try {
        await handle(key, message, givenUp.signal);
      } catch (error) {
        onFailure(key, error);
      }
    }
    running--;
    actor.busy = false;
    actors.delete(key);
    if (!stopping) {
      actors.set(key, actor);
      actor.idleTimer = setTimeout(() => letGo(key, actor), idleMs);
    }
    if (running === 0) for (const idle of onIdle.splice(0)) idle();
  };

  return {
    tell(key, message) {
      if (stopping) return 'busy';
      const actor = actorOf(key);
      if (actor === undefined) return 'busy';
      if (!actor.busy) void run(key, actor, message);
      else if (actor.waiting.length < queue) actor.waiting.push(message);
      else return 'busy';
      return 'accepted';
    },
    get running() {
      return running;
    },
    get live() {
      return actors.size;
    },
    async stop(withinMs) {
      stopping = true;
      for (const [key, actor] of actors) {
        actor.waiting.length = 0;
        if (!actor.busy) letGo(key, actor);
      }
      if (running === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        onIdle.push(resolve);
        timer = setTimeout(resolve, withinMs);
      });
      clearTimeout(timer);
      givenUp.abort();
    },
  };
}
