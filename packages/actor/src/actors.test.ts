import { describe, expect, it } from 'vitest';
import { type ActorOptions, createActors } from './actors.ts';

/** Actors whose handler waits until the test lets it go on. */
function held(options: Partial<ActorOptions<string, string>> = {}) {
  const begun: string[] = [];
  const ended: string[] = [];
  const failures: string[] = [];
  const gates = new Map<string, { open(): void; fail(error: Error): void }>();
  const signals: AbortSignal[] = [];
  const actors = createActors<string, string>({
    capacity: 10,
    queue: 10,
    idleMs: 60_000,
    handle: async (key, message, signal) => {
      const name = `${key}:${message}`;
      begun.push(name);
      signals.push(signal);
      await new Promise<void>((resolve, reject) => gates.set(name, { open: resolve, fail: reject }));
      ended.push(name);
    },
    onFailure: (key, error) => failures.push(`${key}:${(error as Error).message}`),
    ...options,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    actors,
    begun,
    ended,
    failures,
    signals,
    settled,
    open: async (name: string) => {
      gates.get(name)?.open();
      await settled();
    },
    fail: async (name: string) => {
      gates.get(name)?.fail(new Error('broken'));
      await settled();
    },
  };
}

describe('actors', () => {
  it('handle the messages of one key in order, one at a time', async () => {
    const { actors, begun, open } = held();
    for (const message of ['1', '2', '3']) expect(actors.tell('a', message)).toBe('accepted');
    expect(begun).toEqual(['a:1']);
    await open('a:1');
    expect(begun).toEqual(['a:1', 'a:2']);
    await open('a:2');
    expect(begun).toEqual(['a:1', 'a:2', 'a:3']);
  });

  it('handle different keys side by side', () => {
    const { actors, begun } = held();
    actors.tell('a', '1');
    actors.tell('b', '1');
    expect(begun).toEqual(['a:1', 'b:1']);
    expect(actors.running).toBe(2);
  });

  it('refuse a message when the queue of its key is full, and only of that key', async () => {
    const { actors, begun, open } = held({ queue: 1 });
    expect(['1', '2', '3'].map((message) => actors.tell('a', message))).toEqual(['accepted', 'accepted', 'busy']);
    expect(actors.tell('b', '1')).toBe('accepted');
    await open('a:1');
    await open('a:2');
    expect(begun).toEqual(['a:1', 'b:1', 'a:2']);
  });

  it('are not more than their capacity; an idle one makes room, a busy one never', async () => {
    const { actors, open } = held({ capacity: 2 });
    actors.tell('a', '1');
    actors.tell('b', '1');
    expect(actors.tell('c', '1')).toBe('busy');
    await open('a:1');
    expect(actors.tell('c', '1')).toBe('accepted');
    expect(actors.live).toBe(2);
    expect(actors.tell('a', '2')).toBe('busy');
  });

  it('are let go when idle, and made again by the next message', async () => {
    const { actors, begun, open, settled } = held({ idleMs: 0 });
    actors.tell('a', '1');
    await open('a:1');
    while (actors.live > 0) await settled();
    expect(actors.tell('a', '2')).toBe('accepted');
    expect(begun).toEqual(['a:1', 'a:2']);
  });

  it('report a handler that throws and go on with the next message of that key, others untouched', async () => {
    const { actors, begun, ended, failures, fail, open } = held();
    actors.tell('a', '1');
    actors.tell('a', '2');
    actors.tell('b', '1');
    await fail('a:1');
    expect(failures).toEqual(['a:broken']);
    expect(begun).toEqual(['a:1', 'b:1', 'a:2']);
    await open('a:2');
    await open('b:1');
    expect(ended).toEqual(['a:2', 'b:1']);
  });

  it('that stop finish what runs, drop what waits, and take nothing new', async () => {
    const { actors, begun, ended, signals, open } = held();
    actors.tell('a', '1');
    actors.tell('a', '2');
    let stopped = false;
    const stop = actors.stop(60_000).then(() => {
      stopped = true;
    });
    expect(actors.tell('b', '1')).toBe('busy');
    expect(stopped).toBe(false);
    expect(signals[0]?.aborted).toBe(false);
    await open('a:1');
    await stop;
    expect([begun, ended]).toEqual([['a:1'], ['a:1']]);
    expect(actors.live).toBe(0);
  });

  it('that stop wait no longer than they are told, and tell the handler', async () => {
    const { actors, signals } = held();
    actors.tell('a', '1');
    await actors.stop(0);
    expect(signals[0]?.aborted).toBe(true);
  });

  it('refuse bounds that make no sense', () => {
    expect(() => held({ capacity: 0 })).toThrow(RangeError);
    expect(() => held({ queue: -1 })).toThrow(RangeError);
  });
});
