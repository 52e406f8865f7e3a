// A simulator for fuzzed requests, with people and items in it that the requests name, made anew every few cases:
// otherwise most requests would soon ask for what an earlier one has deleted.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSimulator, startExchangeSimulator } from '../../src/index.ts';
import { validateRecordings } from '../../src/observe/validate-recordings.ts';
import { first, ids } from '../ews-client.ts';
import { createAppointment, getFolder, hour, subscribe, sync } from '../requests.ts';
import { people } from '../test-server.ts';
import { envelope, envelopeHeaders, type Tokens, weekly } from './documents.ts';
import { HttpExchange, type Outcome } from './http-exchange.ts';
import { complaintAbout, envelopesOf } from './verdict.ts';

const casesBetween = 40;
const ewsPath = '/EWS/Exchange.asmx';

/** Where things go wrong only in the fuzzed cases. */
export class Stage {
  readonly exchange: HttpExchange;
  readonly #simulator: RunningSimulator;
  readonly #folder: string;
  readonly #kept = new Set<string>();
  slowest: { readonly ms: number; readonly each: unknown } = { ms: 0, each: undefined };
  #cases = 0;
  #tokens: Tokens | undefined;

  constructor(simulator: RunningSimulator, folder: string) {
    this.#simulator = simulator;
    this.#folder = folder;
    this.exchange = new HttpExchange(simulator.port);
  }

  static async start(): Promise<Stage> {
    // Streams have to end soon, subscriptions have to outlive the cases until the next scene.
    const simulator = await startExchangeSimulator({
      minuteMs: 20,
      heartbeatMs: 5,
      maxLogRecords: 100,
      maxTokens: 100,
    });
    return new Stage(simulator, await mkdtemp(join(tmpdir(), 'exchange-fuzz-')));
  }

  /** The case that took longest, for people: what is slow here is often what has no bound. */
  noteTime(ms: number, each: unknown): void {
    if (ms > this.slowest.ms) this.slowest = { ms: Math.round(ms), each };
  }

  get port(): number {
    return this.#simulator.port;
  }

  /** What the next case may name. */
  async tokens(): Promise<Tokens> {
    this.#cases += 1;
    if (this.#tokens === undefined || this.#cases % casesBetween === 0) this.#tokens = await this.#newScene();
    return this.#tokens;
  }

  async #newScene(): Promise<Tokens> {
    await this.restore();
    const [item] = ids(await this.#good(createAppointment(`<t:Subject>one</t:Subject>${hour}`)));
    const [master] = ids(await this.#good(createAppointment(weekly)));
    const hierarchy =
      '<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:SyncFolderId><t:DistinguishedFolderId Id="msgfolderroot"/></m:SyncFolderId></m:SyncFolderHierarchy>';
    const pull = subscribe(['CreatedEvent'])
      .replaceAll('StreamingSubscriptionRequest', 'PullSubscriptionRequest')
      .replace('</t:EventTypes>', '</t:EventTypes><t:Timeout>1440</t:Timeout>');
    const pulled = await this.#good(pull);
    const folder = /<t:FolderId Id="([^"]*)"/.exec(await this.#good(getFolder()))?.[1];
    return {
      item: item?.Id ?? '',
      changeKey: item?.ChangeKey ?? '',
      master: master?.Id ?? '',
      folder: folder ?? '',
      syncState: first(await this.#good(sync(undefined)), 'SyncState') ?? '',
      hierarchyState: first(await this.#good(hierarchy), 'SyncState') ?? '',
      streaming: first(await this.#good(subscribe()), 'SubscriptionId') ?? '',
      pull: first(pulled, 'SubscriptionId') ?? '',
      watermark: first(pulled, 'Watermark') ?? '',
    };
  }

  /** A new appointment of Alice, in the form that a path of the control API takes. */
  async newItem(): Promise<string> {
    const path = 'mailboxes/alice@lockstep.test/calendar/items';
    const outcome = await this.control('POST', path, '{"subject":"one","start":"2026-03-02T08:00:00Z"}');
    if (outcome.kind !== 'answer' || outcome.status !== 200) throw new Error('An appointment could not be made.');
    return (JSON.parse(outcome.text) as { readonly urlId: string }).urlId;
  }

  /** An empty server with the sample people. */
  async restore(): Promise<void> {
    this.#tokens = undefined;
    for (const [path, body] of [
      ['reset', '{}'],
      ['seed', JSON.stringify(people)],
    ] as const) {
      const outcome = await this.control('POST', path, body);
      const complaint =
        complaintAbout(outcome, 'control') ??
        (outcome.kind === 'answer' && outcome.status >= 300 ? outcome.text : undefined);
      if (complaint !== undefined) throw new Error(`The server could not be restored by ${path}: ${complaint}`);
    }
  }

  control(method: string, path: string, body: Buffer | string): Promise<Outcome> {
    const safePath = path.replace(/[^!-~]/g, encodeURIComponent);
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    return this.exchange.ask({ method, path: `/control/${safePath}`, headers, body });
  }

  async #good(body: string): Promise<string> {
    const outcome = await ewsCall(this.exchange, envelope(envelopeHeaders[0] ?? '', body));
    if (outcome.kind !== 'answer' || !outcome.text.includes('ResponseClass="Success"'))
      throw new Error(`A good request failed: ${JSON.stringify(outcome).slice(0, 1000)}`);
    return outcome.text;
  }

  /** Says what is wrong when a good request is not served. */
  async complaintAboutNext(): Promise<string | undefined> {
    try {
      await this.#good(getFolder());
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  /** Keeps an answer for the validation at the end; one of those that differ in ids and numbers only. */
  async keep(outcome: Outcome, kind: 'ews' | 'autodiscover-soap' | 'autodiscover-pox-response'): Promise<void> {
    if (outcome.kind !== 'answer' || (outcome.status !== 200 && outcome.status !== 500)) return;
    for (const text of envelopesOf(outcome.text)) {
      const hash = createHash('sha1')
        .update(text.replace(/[\w+/=-]{24,}|\d+/g, '0'))
        .digest('hex');
      if (this.#kept.has(hash)) continue;
      this.#kept.add(hash);
      await writeFile(join(this.#folder, `${hash}-${kind}.xml`), asTheSchemaHasIt(text));
    }
  }

  /** How many different answers were kept, and what the schema says to them: complaints with the beginnings of the documents. */
  async validate(): Promise<{ readonly kept: number; readonly complaints: readonly string[] }> {
    const outcome = await validateRecordings(this.#folder);
    const complaints = outcome.kind === 'checked' ? outcome.complaints : [];
    const documents = new Set(complaints.flatMap((each) => /^(\/[^:]*\.xml)/.exec(each)?.[1] ?? []));
    const shown = await Promise.all([...documents].slice(0, 5).map((file) => readFile(file, 'utf8')));
    return { kept: this.#kept.size, complaints: [...complaints, ...shown.map((each) => each.slice(0, 3000))] };
  }

  async close(): Promise<void> {
    this.exchange.close();
    await this.#simulator.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** In a stream it says t:Notification where servers say m:. */
function asTheSchemaHasIt(text: string): string {
  const streamed = text.includes('GetStreamingEventsResponse');
  return streamed ? text.replaceAll('m:Notification>', 't:Notification>') : text;
}

/** As Alice, who may also act for others. */
export function ewsCall(exchange: HttpExchange, body: Buffer | string): Promise<Outcome> {
  return exchange.ask({ method: 'POST', path: ewsPath, headers: xmlHeaders(body), body });
}

export function xmlHeaders(body: Buffer | string): Readonly<Record<string, string>> {
  const credentials = Buffer.from('alice@lockstep.test:lockstep').toString('base64');
  return {
    'Content-Type': 'text/xml; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Authorization: `Basic ${credentials}`,
  };
}
