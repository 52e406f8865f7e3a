// Which gateways and governors have ended, as the NATS server tells by their presences (bus/presence.ts).
import type { Bus, PresenceEvent, Stoppable } from '@lockstep/bus';

/** Names that are remembered; of the oldest it is forgotten that it ended, and what it had is waited for as if it stood still. */
const maxNames = 1_000;

export class ProcessEnds implements Stoppable {
  readonly #watch: Stoppable;
  /** The presences of each name; none when its last process has ended. */
  readonly #present = new Map<string, Set<string>>();
  readonly #listeners = new Set<(presence: string) => void>();

  constructor(bus: Pick<Bus, 'watchPresences'>) {
    this.#watch = bus.watchPresences((event) => this.#heard(event));
  }

  /** True when the last process of this name is known to have ended. */
  hasEnded(name: string): boolean {
    return this.#present.get(name)?.size === 0;
  }

  /** Called with the presence of each process that ends. Returns how to be called no more. */
  onEnd(listener: (presence: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  #heard({ kind, id, name }: PresenceEvent): void {
    const present = this.#present.get(name) ?? new Set();
    if (kind === 'there') present.add(id);
    else present.delete(id);
    this.#present.delete(name);
    this.#present.set(name, present);
    const [oldest] = this.#present.keys();
    if (this.#present.size > maxNames && oldest !== undefined) this.#present.delete(oldest);
    if (kind === 'gone') for (const listener of [...this.#listeners]) listener(id);
  }
}
