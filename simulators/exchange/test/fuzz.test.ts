// 10,000 spoiled requests a run, each answered acceptably and followed by a good one that is served. The seed is new in
// every run; a failure prints how to have it again. LOCKSTEP_FUZZ_CASES changes how many there are.
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envelope, envelopeHeaders, ewsBodies, monsters, noEnd, weekly } from './fuzz/documents.ts';
import { HttpExchange } from './fuzz/http-exchange.ts';
import { damagedTokens, spoiledAutodiscover, spoiledControl, spoiledHeads, spoiledXml } from './fuzz/properties.ts';
import { spoilXml } from './fuzz/spoil-xml.ts';
import { ewsCall, Stage } from './fuzz/stage.ts';
import { complaintAbout } from './fuzz/verdict.ts';
import { createAppointment } from './requests.ts';

const seed = Number(process.env['LOCKSTEP_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const cases = Number(process.env['LOCKSTEP_FUZZ_CASES'] ?? 10_000);
/** Far more than it takes: a busy machine is no defect. */
const timeout = 240_000;
const part = (share: number): number => Math.ceil(cases * share);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  const { ms, each } = stage.slowest;
  process.stdout.write(
    `\nThe slowest of ${cases} fuzzed requests took ${ms} ms: ${fc.stringify(each).slice(0, 600)}\n`,
  );
  await stage.close();
});

/** The state that earlier cases left may matter, so it is the whole run that is had again. */
async function hold<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  const result = await fc.check(property, { seed, numRuns, endOnFailure: process.env['LOCKSTEP_FUZZ_SHRINK'] === '0' });
  if (!result.failed) return;
  throw new Error(
    [
      `Case ${result.numRuns} of ${numRuns}: ${fc.stringify(result.counterexample)}`,
      String(result.errorInstance),
      `Replay: LOCKSTEP_FUZZ_SEED=${seed} node_modules/.bin/vitest run --project integration simulators/exchange/test/fuzz.test.ts`,
    ].join('\n'),
  );
}

/** Undefined when the engine does not let us. */
function heapBytes(): number | undefined {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
  if (typeof gc !== 'function') return undefined;
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

describe('whatever is sent', { timeout }, () => {
  let heapBefore: number | undefined;
  const mebibytes = 1024 * 1024;

  it('as a good request is served', async () => {
    const count = ewsBodies(await stage.tokens()).length;
    for (let index = 0; index < count; index += 1) {
      await stage.restore();
      const body = ewsBodies(await stage.tokens())[index] ?? '';
      const outcome = await ewsCall(stage.exchange, envelope(envelopeHeaders[0] ?? '', body));
      const expected = body.includes('bob@') && body.includes('GetFolder') ? 'ErrorFolderNotFound' : 'Class="Success"';
      expect(outcome.kind === 'answer' ? outcome.text : outcome.kind, body).toContain(expected);
    }
  });

  it('as spoiled XML gets an answer, and the next request is served', async () => {
    await hold(spoiledXml(stage), part(0.05));
    await stage.restore();
    heapBefore = heapBytes();
    await hold(spoiledXml(stage), part(0.4));
  });

  it('with a spoiled head gets an answer, and the next request is served', () => hold(spoiledHeads(stage), part(0.2)));

  it('with damaged ids and cookies gets an answer, and the next request is served', () =>
    hold(damagedTokens(stage), part(0.1)));

  it('to Autodiscover gets an answer, and the next request is served', () =>
    hold(spoiledAutodiscover(stage), part(0.05)));

  it('to the control API gets an answer, and the next request is served', () => hold(spoiledControl(stage), part(0.2)));

  it('is not kept in memory', async ({ skip }) => {
    await stage.restore();
    const heapAfter = heapBytes();
    if (heapBefore === undefined || heapAfter === undefined) {
      process.stderr.write('\n*** Growth of the heap was LEFT OUT: the garbage collector cannot be called. ***\n\n');
      return skip();
    }
    const grownMebibytes = (heapAfter - heapBefore) / mebibytes;
    process.stdout.write(`\nThe heap grew by ${grownMebibytes.toFixed(1)} MiB.\n`);
    expect(grownMebibytes).toBeLessThan(32);
  });

  it('is answered as the schema says', async () => {
    const { kept, complaints } = await stage.validate();
    expect(kept).toBeGreaterThan(10);
    expect(complaints, `LOCKSTEP_FUZZ_SEED=${seed}`).toEqual([]);
  });
});

describe('a document that is dear to read', () => {
  it.each(Object.entries(monsters))('%s: gets an answer, and the next request is served', async (_name, monster) => {
    await stage.tokens();
    const endless = createAppointment(weekly.replace(/<t:NumberedRecurrence>.*<\/t:NumberedRecurrence>/, noEnd));
    await ewsCall(stage.exchange, envelope('', endless));
    const outcome = await ewsCall(stage.exchange, monster());
    expect(complaintAbout(outcome, 'ews')).toBeUndefined();
    expect(await stage.complaintAboutNext()).toBeUndefined();
  });
});

describe('a handler that breaks on one byte', () => {
  it('is found', async () => {
    const broken = await brokenServer(stage.port);
    const exchange = new HttpExchange((broken.address() as AddressInfo).port);
    const result = await fc.check(spoiledXml(stage, exchange), { seed: 1, numRuns: 3000 });
    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toContain('The connection was cut.');
    const [found] = result.counterexample ?? [];
    expect(spoilXml('<a>a<b>b</b></a>', found?.mutations ?? []).includes(0)).toBe(true);
    exchange.close();
    broken.close();
  });
});

/** Stands before the real one, and throws where there is a zero byte. */
async function brokenServer(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      try {
        if (body.includes(0)) throw new Error('a byte that nobody had thought of');
      } catch {
        response.destroy(); // what a server does whose handler has thrown
        return;
      }
      const { method, url: path, headers } = request;
      const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
