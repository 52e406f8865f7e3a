// Broadcasts over a real nats-server: everybody hears them, and what cannot be read harms nobody.
import { broadcast } from '@lockstep/contracts';
import { connect as connectNats } from 'nats';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses } from './helpers.ts';

const news = broadcast('test.news', Type.Object({ n: Type.Integer() }));
let server: NatsServerUnderTest;
const buses = new Buses();
beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(() => buses.close());
afterAll(() => server.stop());

describe('a broadcast', () => {
  it('reaches everybody who listens, with its context, and nobody who has stopped', async () => {
    const [one, two, speaker] = await Promise.all([1, 2, 3].map(() => buses.open(server.url)));
    const heard: string[] = [];
    const first = await one?.listen(news, ({ n }, { correlationId }) => heard.push(`one ${n} ${correlationId}`));
    await two?.listen(news, ({ n }) => heard.push(`two ${n}`));
    speaker?.broadcast(news, { n: 1 }, { correlationId: 'c7' });
    await until(() => heard.length === 2);
    expect(heard.sort()).toEqual(['one 1 c7', 'two 1']);
    await first?.stop();
    speaker?.broadcast(news, { n: 2 }, { correlationId: 'c8' });
    await until(() => heard.length === 3);
    expect(heard).not.toContain('one 2 c8');
  });

  it('that cannot be read is counted and left out; a listener that throws goes on listening', async () => {
    const bus = await buses.open(server.url);
    const heard: number[] = [];
    await bus.listen(news, ({ n }) => {
      heard.push(n);
      if (n === 1) throw new Error('a defect');
    });
    const nats = await connectNats({ servers: server.url });
    for (const text of ['{"n":"wrong"}', 'not JSON', '{"n":1}', '{"n":2,"later":true}'])
      nats.publish(news.subject, text);
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 2]);
    expect(buses.events.map(({ kind }) => kind)).toEqual(['unreadable', 'unreadable', 'handler-failed']);
    await nats.close();
  });
});
