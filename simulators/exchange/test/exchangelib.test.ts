// Conformance: what a client that this project did not write (Debian's python3-exchangelib) sees of the simulator, step
// by step. Its requests and our answers are validated against the schema when LOCKSTEP_EWS_SCHEMA_DIR is set.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, readTopics, runTopic, whyNoExchangelib } from './conformance/topics.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

const topics = readTopics();
const missing = whyNoExchangelib();
if (missing !== undefined) {
  process.stderr.write(`\n*** The conformance suite of the Exchange simulator was LEFT OUT: ${missing}. ***\n\n`);
}

it('has at least sixty steps, each with a sentence of its own', () => {
  const sentences = topics.flatMap((topic) => topic.steps);
  expect(sentences.length).toBeGreaterThanOrEqual(60);
  expect(new Set(sentences).size).toBe(sentences.length);
});

describe.skipIf(missing !== undefined)('with exchangelib', () => {
  let server: TestServer;
  beforeAll(async () => {
    // A minute of a stream takes a second.
    server = await startTestServer({ minuteMs: 1000, heartbeatMs: 300 });
  });
  afterAll(() => server.finish());

  describe.each(topics)('$name', (topic) => {
    let outcomes: ReadonlyMap<string, Outcome>;
    beforeAll(async () => {
      await server.control('POST', 'reset');
      await server.control('POST', 'seed', people);
      outcomes = new Map((await runTopic(topic, server.simulator.url)).map((each) => [each.step, each]));
    });

    it.each(topic.steps)('%s', (sentence) => {
      expect(outcomes.get(sentence)).toEqual({ step: sentence, ok: true, detail: null });
    });
  });
});
