// Conformance: what a client that this project did not write (Debian's python3-exchangelib) sees of the simulator, step
// by step. Its requests and our answers are validated against the schema when LOCKSTEP_EWS_SCHEMA_DIR is set.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, readTopics, runTopic, type Topic, whyNoExchangelib } from './conformance/topics.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

const topics = readTopics();
const missing = whyNoExchangelib();
if (missing !== undefined) {
  process.stderr.write(`\n*** The conformance suite of the Exchange simulator was LEFT OUT: ${missing}. ***\n\n`);
}

/** These spend most of their time waiting: they run beside the others, on a simulator of their own. */
const waiting = ['notifications', 'throttling'];
/** Above the time of all topics together. */
const suiteTimeoutMs = 180_000;

type Outcomes = ReadonlyMap<string, Outcome>;

it('has at least sixty steps, each with a sentence of its own', () => {
  const sentences = topics.flatMap((topic) => topic.steps);
  expect(sentences.length).toBeGreaterThanOrEqual(60);
  expect(new Set(sentences).size).toBe(sentences.length);
});

describe.skipIf(missing !== undefined)('with exchangelib', () => {
  const servers: TestServer[] = [];
  const outcomes = new Map<string, Outcomes>();

  /** One topic after the other, each on an empty server with the sample people. A minute of a stream takes a second. */
  async function runAll(lane: readonly Topic[]): Promise<void> {
    const server = await startTestServer({ minuteMs: 1000, heartbeatMs: 300 });
    servers.push(server);
    for (const topic of lane) {
      await server.control('POST', 'reset');
      await server.control('POST', 'seed', people);
      const told = await runTopic(topic, server.simulator.url);
      outcomes.set(topic.name, new Map(told.map((each) => [each.step, each])));
    }
  }

  beforeAll(async () => {
    const beside = topics.filter((topic) => waiting.includes(topic.name));
    await Promise.all([runAll(beside), runAll(topics.filter((topic) => !beside.includes(topic)))]);
  }, suiteTimeoutMs);
  afterAll(async () => {
    for (const server of servers) await server.finish();
  });

  describe.each(topics)('$name', (topic) => {
    it.each(topic.steps)('%s', (sentence) => {
      expect(outcomes.get(topic.name)?.get(sentence)).toEqual({ step: sentence, ok: true, detail: null });
    });
  });
});
