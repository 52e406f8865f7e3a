// Answers requests: at most `running` at a time, at most `waiting` in the queue, each within its caller's deadline.
// A handler that throws costs one answer, never the process: the client would let it become an unhandled rejection.
import {
  type CodedError,
  codedError,
  headerNames,
  maxMessageBytes,
  type Operation,
  type Outcome,
} from '@lockstep/contracts';
import { Semaphore } from '@lockstep/flow-control';
import type { Msg } from 'nats';
import type { TSchema } from 'typebox';
import type { RequestContext, ServeOptions, Stoppable } from './bus.ts';
import { type Checker, toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { contextOf, remainingMsOf } from './headers.ts';
import { monotonicMs } from './wait.ts';

/** Its body was checked with the operation's schema; `Bus.serve` gives it its type. */
export type Handler = (body: never, context: RequestContext) => Promise<Outcome<unknown>>;

/** A service that answers; `abandon` aborts the signals of handlers that were waited for long enough. */
export interface Serving extends Stoppable {
  abandon(): void;
}

/** A request, with the connection that it came on. */
interface Asked {
  readonly message: Msg;
  readonly epoch: number;
  readonly arrivedAt: number;
}

/** What a refused caller is told to wait: about the time that one short request takes. */
const busyBackOffMs = 250;

export async function serve(
  connection: Connection,
  checker: Checker,
  operation: Operation<TSchema, TSchema>,
  options: ServeOptions,
  handler: Handler,
): Promise<Serving> {
  const places = new Semaphore({ places: options.running, waiting: options.waiting });
  // One controller a running request, not one signal derived from a long-lived one: that would grow for ever.
  const running = new Set<AbortController>();
  const starOf = starPositions(operation.subject);

  const answer = ({ message, epoch, arrivedAt }: Asked, outcome: Outcome<unknown>): void => {
    let data = toBytes(outcome);
    let code: 'ok' | CodedError['code'] = outcome.ok ? 'ok' : outcome.error.code;
    if (data.length > maxMessageBytes) {
      code = 'message-too-large';
      data = toBytes({ ok: false, error: codedError(code, { detail: operation.subject }) });
    }
    // After the connection was lost nobody can be answered; the caller's own deadline tells it.
    if (connection.epoch === epoch && !connection.nats.isClosed()) message.respond(data);
    connection.onEvent({ kind: 'served', operation: operation.subject, code, tookMs: monotonicMs() - arrivedAt });
  };
  const refuse = (asked: Asked, error: CodedError): void => answer(asked, { ok: false, error });

  const onMessage = (message: Msg): void => {
    const asked = { message, epoch: connection.epoch, arrivedAt: monotonicMs() };
    const remaining = remainingMsOf(message.headers);
    if (remaining === undefined) {
      refuse(asked, codedError('request-invalid', { field: headerNames.deadlineMs }));
      return;
    }
    const deadline = asked.arrivedAt + remaining;
    void places.take().then(async (taken) => {
      if (taken === 'full') return refuse(asked, codedError('service-busy', { backOffMs: busyBackOffMs }));
      if (taken !== 'taken') return refuse(asked, codedError('service-stopping'));
      await work(asked, deadline).finally(() => places.giveBack());
    });
  };

  const work = async (asked: Asked, deadline: number): Promise<void> => {
    const { message } = asked;
    const remainingMs = () => Math.max(0, Math.floor(deadline - monotonicMs()));
    if (remainingMs() === 0) return refuse(asked, codedError('deadline-passed', { detail: operation.subject }));
    const body = checker.read(operation.request, message.data);
    if (!body.ok) return refuse(asked, codedError('request-invalid', { field: body.field, detail: body.reason }));

    const ends = new AbortController();
    running.add(ends);
    const stopTimer = abortAtZero(remainingMs, ends);
    const tokens = message.subject.split('.').filter((_, index) => starOf.has(index));
    const context: RequestContext = {
      ...contextOf(message.headers),
      signal: ends.signal,
      remainingMs,
      tokens,
    };
    try {
      answer(asked, await handler(body.value as never, context));
    } catch (cause) {
      const { correlationId } = context;
      connection.onEvent({ kind: 'handler-failed', subject: operation.subject, correlationId, cause });
      answer(asked, { ok: false, error: codedError('internal-error', { detail: operation.subject }) });
    } finally {
      stopTimer();
      running.delete(ends);
    }
  };

  const queue = options.everyone === true ? undefined : queueOf(operation);
  const subscription = await connection.subscribe(servedSubject(operation, options), onMessage, queue);
  const stop = async (): Promise<void> => {
    const handlers = places.close();
    // Drain, not unsubscribe: what the server has already sent here is answered `service-stopping`.
    if (!connection.nats.isClosed()) await subscription.drain();
    await handlers;
  };
  let stopped: Promise<void> | undefined;
  return {
    // The client throws when a subscription is drained twice; whoever stops again waits for the same end.
    stop: () => (stopped ??= stop()),
    abandon() {
      for (const ends of running) ends.abort();
    },
  };
}

/** The service's name: the first token after `lockstep.v1`. Replicas share the requests. */
const queueOf = (operation: { readonly subject: string }): string => operation.subject.split('.')[2] ?? 'service';

function servedSubject(operation: { readonly subject: string }, options: ServeOptions): string {
  const tokens = [...(options.tokens ?? [])];
  return operation.subject.replace(/\*/g, () => tokens.shift() ?? '*');
}

function starPositions(subject: string): ReadonlySet<number> {
  const positions = subject.split('.').flatMap((token, index) => (token === '*' ? [index] : []));
  return new Set(positions);
}

/** Aborts when no time is left. A timer counts from the start of its turn and so may fire early: then it is set again. */
function abortAtZero(remainingMs: () => number, controller: AbortController): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const left = remainingMs();
    if (left > 0) timer = setTimeout(arm, left);
    else controller.abort();
  };
  timer = setTimeout(arm, remainingMs());
  return () => clearTimeout(timer);
}
