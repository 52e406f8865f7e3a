// A governor for tests: counts tokens against a limit and can be made to misbehave. The real one is another service.
import { randomUUID } from 'node:crypto';
import type { Bus, Stoppable } from '@lockstep/bus';
import { type Data, failure, governor, type Outcome, success, type TokenId } from '@lockstep/contracts';

type Acquire = Data<typeof governor.acquire.request>;
type Grant = Data<typeof governor.acquire.reply>;
type Release = Data<typeof governor.release.request>;

interface Waiting {
  readonly request: Acquire;
  readonly answer: (outcome: Outcome<Grant>) => void;
}

export class TestGovernor {
  epoch = 1;
  /** 0 = no limit. */
  limit = 0;
  /** While false, heartbeats get no answer. */
  answersHeartbeats = true;
  /** What heartbeats are told of the leader. */
  phase: 'counting' | 'granting' = 'granting';
  /** While false, nothing is granted; requests wait. */
  grants = true;
  /** Stands in the next grants instead of the true epoch. */
  grantedEpoch: number | undefined;
  backOffs: Data<typeof governor.heartbeat.reply>['backOffs'] = [];
  readonly out = new Map<string, Acquire>();
  readonly granted: { readonly token: string; readonly request: Acquire }[] = [];
  readonly released: Release[] = [];
  readonly cancelled: string[] = [];
  readonly heartbeats: Data<typeof governor.heartbeat.request>[] = [];
  peak = 0;
  readonly #bus: Bus;
  #waiting: Waiting[] = [];
  #served: readonly Stoppable[] = [];

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async start(): Promise<void> {
    const bounds = { running: 1000, waiting: 1000 };
    this.#served = await Promise.all([
      this.#bus.serve(governor.heartbeat, bounds, async (body) => {
        if (!this.answersHeartbeats) return failure('internal-error');
        this.heartbeats.push(body);
        return success({ epoch: this.epoch, phase: this.phase, backOffs: this.backOffs });
      }),
      this.#bus.serve(governor.acquire, bounds, (request, context) => {
        return new Promise<Outcome<Grant>>((answer) => {
          // Asked again: nobody waits for the answer to the former question.
          this.#withdraw(request.requestId);
          this.#waiting.push({ request, answer });
          context.signal.addEventListener('abort', () => this.#withdraw(request.requestId));
          this.turn();
        });
      }),
      this.#bus.serve(governor.release, bounds, async (body) => {
        this.released.push(body);
        this.out.delete(body.token);
        this.turn();
        return success({});
      }),
      this.#bus.serve(governor.cancel, bounds, async (body) => {
        this.cancelled.push(body.requestId);
        this.#withdraw(body.requestId);
        for (const [token, request] of this.out) if (request.requestId === body.requestId) this.out.delete(token);
        return success({});
      }),
    ]);
  }

  /** Grants what the limit allows. */
  turn(): void {
    while (this.grants && this.#waiting.length > 0 && (this.limit === 0 || this.out.size < this.limit)) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const token = randomUUID() as TokenId;
      this.out.set(token, next.request);
      this.granted.push({ token, request: next.request });
      this.peak = Math.max(this.peak, this.out.size);
      next.answer(success({ token, epoch: this.grantedEpoch ?? this.epoch, limit: this.limit }));
    }
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  sayState(): void {
    const { epoch, limit, backOffs } = this;
    const state = { epoch, phase: 'granting' as const, limit, out: this.out.size, streamsOut: 0, queued: 0, backOffs };
    this.#bus.broadcast(governor.governorState, state, { correlationId: 'test' });
  }

  async stop(): Promise<void> {
    for (const { answer } of this.#waiting) answer(failure('service-stopping'));
    this.#waiting = [];
    const served = this.#served;
    this.#served = [];
    await Promise.all(served.map((one) => one.stop()));
  }

  #withdraw(requestId: string): void {
    const gone = this.#waiting.filter((waiting) => waiting.request.requestId === requestId);
    this.#waiting = this.#waiting.filter((waiting) => waiting.request.requestId !== requestId);
    for (const { answer } of gone) answer(failure('deadline-passed'));
  }
}
