// Requests and answers over a real nats-server: bounds, deadlines, and what a caller hears when something goes wrong.
import { failure, operation, success } from '@lockstep/contracts';
import { connect as connectNats } from 'nats';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses, gate } from './helpers.ts';

const echo = operation('test.echo', Type.Object({ text: Type.String() }), Type.Object({ text: Type.String() }));
const perTokens = operation('test.*.*.named', Type.Object({}), Type.Object({ tokens: Type.Array(Type.String()) }));
const options = { correlationId: 'c1', deadlineMs: 5_000 };
const bounds = { running: 4, waiting: 4 };

let server: NatsServerUnderTest;
const buses = new Buses();
const { events } = buses;
const bus = () => buses.open(server.url);

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(() => buses.close());
afterAll(() => server.stop());

describe('a request', () => {
  it('is answered, with its context and deadline', async () => {
    const [service, caller] = [await bus(), await bus()];
    await service.serve(echo, bounds, async ({ text }, context) => {
      expect(context.correlationId).toBe('c1');
      expect(context.traceparent).toBe('00-abc-def-01');
      expect(context.remainingMs()).toBeGreaterThan(0);
      return success({ text });
    });
    const outcome = await caller.request(echo, { text: 'Ærø 🙂' }, { ...options, traceparent: '00-abc-def-01' });
    expect(outcome).toEqual(success({ text: 'Ærø 🙂' }));
  });

  it('gives its handler the subject tokens that * stood for', async () => {
    const [service, caller] = [await bus(), await bus()];
    await service.serve(perTokens, { ...bounds, tokens: ['3'] }, async (_, { tokens }) => success({ tokens }));
    expect(await caller.request(perTokens, {}, { ...options, tokens: ['3', 'abc'] })).toEqual(
      success({ tokens: ['3', 'abc'] }),
    );
    const other = await caller.request(perTokens, {}, { ...options, deadlineMs: 300, tokens: ['4', 'abc'] });
    expect(other).toMatchObject({ ok: false, error: { code: 'service-missing' } });
  });

  it('is repeated while nobody serves it, and answered when a service starts', async () => {
    const [service, caller] = [await bus(), await bus()];
    const outcome = caller.request(echo, { text: 'x' }, options);
    await service.serve(echo, bounds, async (body) => success(body));
    expect(await outcome).toEqual(success({ text: 'x' }));
  });

  it('fails as service-missing when nobody serves it until its deadline', async () => {
    const caller = await bus();
    const outcome = await caller.request(echo, { text: 'x' }, { ...options, deadlineMs: 300 });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'service-missing', retry: 'later' } });
  });

  it('that is wrong is refused with the field and never reaches the handler', async () => {
    const [service, caller] = [await bus(), await bus()];
    let called = 0;
    await service.serve(echo, bounds, async (body) => {
      called++;
      return success(body);
    });
    const wrong = { text: 7 } as unknown as { text: string };
    expect(await caller.request(echo, wrong, options)).toMatchObject({
      ok: false,
      error: { code: 'request-invalid', field: '/text', retry: 'never' },
    });
    const empty = {} as unknown as { text: string };
    expect(await caller.request(echo, empty, options)).toMatchObject({ ok: false, error: { field: '/text' } });
    expect(called).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'served', code: 'request-invalid' }));
  });

  it('without a deadline is refused, whoever sends it', async () => {
    const service = await bus();
    await service.serve(echo, bounds, async (body) => success(body));
    const nats = await connectNats({ servers: server.url });
    const reply = await nats.request(echo.subject, '{"text":"by hand"}');
    expect(reply.json()).toMatchObject({
      ok: false,
      error: { code: 'request-invalid', field: 'Lockstep-Deadline-Ms' },
    });
    await nats.close();
  });

  it('above 512 KiB is not sent, and such a reply becomes an error', async () => {
    const [service, caller] = [await bus(), await bus()];
    const long = 'x'.repeat(520 * 1024);
    await service.serve(echo, bounds, async () => success({ text: long }));
    const tooLarge = { ok: false, error: { code: 'message-too-large' } };
    expect(await caller.request(echo, { text: long }, options)).toMatchObject(tooLarge);
    expect(await caller.request(echo, { text: '' }, options)).toMatchObject(tooLarge);
  });

  it('whose reply has another shape than declared fails as reply-invalid', async () => {
    const [service, caller] = [await bus(), await bus()];
    await service.serve(echo, bounds, async () => success({ text: 1 }) as never);
    expect(await caller.request(echo, { text: '' }, options)).toMatchObject({
      ok: false,
      error: { code: 'reply-invalid', field: '/text' },
    });
  });

  it('whose caller gives up ends at once', async () => {
    const [service, caller] = [await bus(), await bus()];
    const begun = gate();
    const hold = gate();
    await service.serve(echo, bounds, async (body) => {
      begun.open();
      await hold.opened;
      return success(body);
    });
    const abort = new AbortController();
    const outcome = caller.request(echo, { text: '' }, { ...options, signal: abort.signal });
    await begun.opened;
    abort.abort();
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'deadline-passed' } });
    hold.open();
  });
});

describe('a service', () => {
  it('answers internal-error for a handler that throws, reports it, and goes on', async () => {
    const [service, caller] = [await bus(), await bus()];
    await service.serve(echo, bounds, async (body) => {
      if (body.text === 'throw') throw new Error('a defect');
      return success(body);
    });
    expect(await caller.request(echo, { text: 'throw' }, options)).toMatchObject({
      ok: false,
      error: { code: 'internal-error' },
    });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'handler-failed', correlationId: 'c1' }));
    expect(await caller.request(echo, { text: 'fine' }, options)).toEqual(success({ text: 'fine' }));
  });

  it('passes an expected failure on as it is', async () => {
    const [service, caller] = [await bus(), await bus()];
    await service.serve(echo, bounds, async () => failure('exchange-busy', { backOffMs: 1_500 }));
    expect(await caller.request(echo, { text: '' }, options)).toEqual(failure('exchange-busy', { backOffMs: 1_500 }));
  });

  it('runs and queues only as many as its bounds say and answers the rest service-busy', async () => {
    const [service, caller] = [await bus(), await bus()];
    const hold = gate();
    let [running, most, started] = [0, 0, 0];
    await service.serve(echo, { running: 2, waiting: 1 }, async (body) => {
      started++;
      most = Math.max(most, ++running);
      await hold.opened;
      running--;
      return success(body);
    });
    const outcomes = Array.from({ length: 5 }, (_, n) => caller.request(echo, { text: String(n) }, options));
    const busy = await Promise.all(outcomes.slice(3));
    for (const outcome of busy)
      expect(outcome).toMatchObject({ ok: false, error: { code: 'service-busy', retry: 'busy' } });
    expect(started).toBe(2);
    hold.open();
    expect(await Promise.all(outcomes.slice(0, 3))).toEqual(['0', '1', '2'].map((text) => success({ text })));
    expect(most).toBe(2);
  });

  it('does not begin a request that has no time left when its turn comes', async () => {
    const [service, caller] = [await bus(), await bus()];
    const hold = gate();
    const begun: string[] = [];
    await service.serve(echo, { running: 1, waiting: 5 }, async (body) => {
      begun.push(body.text);
      await hold.opened;
      return success(body);
    });
    const first = caller.request(echo, { text: 'first' }, options);
    await until(() => begun.length === 1);
    const late = await caller.request(echo, { text: 'late' }, { ...options, deadlineMs: 200 });
    expect(late).toMatchObject({ ok: false, error: { code: 'deadline-passed' } });
    // The service counts from the arrival, a little later than the caller: this one ends well after both.
    await caller.request(echo, { text: 'later' }, { ...options, deadlineMs: 200 });
    hold.open();
    await first;
    await until(() => events.some((event) => event.kind === 'served' && event.code === 'deadline-passed'));
    expect(begun).not.toContain('late');
  });

  it('aborts the signal of its handler when the deadline is over', async () => {
    const [service, caller] = [await bus(), await bus()];
    const left: number[] = [];
    await service.serve(echo, bounds, async (body, { signal, remainingMs }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      left.push(remainingMs());
      return success(body);
    });
    await until(async () => {
      // On a busy machine one may arrive with no time left, and then no handler sees it.
      await caller.request(echo, { text: '' }, { ...options, deadlineMs: 200 });
      return left.length > 0;
    });
    expect(new Set(left)).toEqual(new Set([0]));
  });

  it('that drains lets what runs finish and hands the rest to another replica', async () => {
    const [first, second, caller] = [await bus(), await bus(), await bus()];
    const hold = gate();
    const byFirst: string[] = [];
    await first.serve(echo, { running: 1, waiting: 5 }, async (body) => {
      byFirst.push(body.text);
      await hold.opened;
      return success({ text: `${body.text} by first` });
    });
    const running = caller.request(echo, { text: 'a' }, options);
    await until(() => byFirst.length === 1);
    const waiting = caller.request(echo, { text: 'b' }, options);
    await caller.request(echo, { text: 'probe' }, { ...options, deadlineMs: 100 });
    const drained = first.drain(10_000);
    await second.serve(echo, bounds, async (body) => success({ text: `${body.text} by second` }));
    expect(await waiting).toEqual(success({ text: 'b by second' }));
    hold.open();
    expect(await running).toEqual(success({ text: 'a by first' }));
    await drained;
    expect(byFirst).toEqual(['a']);
    await first.closed;
  });

  it('that drains waits no longer than it is told, and tells its handlers', async () => {
    const [service, caller] = [await bus(), await bus()];
    const begun = gate();
    const told = gate();
    await service.serve(echo, bounds, async (body, { signal }) => {
      begun.open();
      signal.addEventListener('abort', () => told.open());
      await new Promise(() => {});
      return success(body);
    });
    void caller.request(echo, { text: '' }, { ...options, deadlineMs: 30_000 });
    await begun.opened;
    await service.drain(50);
    await told.opened;
    await service.closed;
  });

  it('that is stopped twice, or stopped and drained, ends once', async () => {
    const [service, caller] = [await bus(), await bus()];
    const begun = gate();
    const hold = gate();
    const serving = await service.serve(echo, bounds, async (body) => {
      begun.open();
      await hold.opened;
      return success(body);
    });
    const answered = caller.request(echo, { text: 'last' }, options);
    await begun.opened;
    const stops = [serving.stop(), serving.stop()];
    hold.open();
    await Promise.all(stops);
    expect(await answered).toEqual(success({ text: 'last' }));
    await serving.stop();
    await service.drain(1_000);
  });
});
