// The properties: whatever is sent, something acceptable comes back, and the next good request is served.
import fc from 'fast-check';
import { type ControlCase, controlCall, controlCase } from './control-cases.ts';
import { autodiscoverSoap, envelope, envelopeHeaders, ewsBodies, pox, type Tokens, tokenBodies } from './documents.ts';
import { type HeaderCase, headerCase, rawRequest } from './header-cases.ts';
import type { HttpExchange } from './http-exchange.ts';
import { spoilXml } from './spoil-xml.ts';
import { ewsCall, type Stage, xmlHeaders } from './stage.ts';
import { damaged, type TokenCase, tokenCase } from './token-cases.ts';
import { complaintAbout } from './verdict.ts';
import { type XmlMutation, xmlMutation } from './xml-mutations.ts';

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const pick = <T>(all: readonly T[], at: number): T => all[Math.floor(at * all.length)] as T;

function served<T>(
  stage: Stage,
  arbitrary: fc.Arbitrary<T>,
  complain: (each: T) => Promise<string | undefined>,
): fc.IAsyncProperty<[T]> {
  return fc.asyncProperty(arbitrary, async (each) => {
    const complaint = await complain(each);
    if (complaint !== undefined) throw new Error(complaint);
    const next = await stage.complaintAboutNext();
    if (next !== undefined) throw new Error(`The next request was not served. ${next}`);
  });
}

export interface XmlCase {
  readonly body: number;
  readonly header: number;
  readonly mutations: readonly XmlMutation[];
}

const xmlCase: fc.Arbitrary<XmlCase> = fc.record({
  body: share,
  header: share,
  mutations: fc.array(xmlMutation, { minLength: 1, maxLength: 3 }),
});

/** @param exchange to whom the spoiled requests go, when that is not the stage's own server */
export function spoiledXml(stage: Stage, exchange: HttpExchange = stage.exchange): fc.IAsyncProperty<[XmlCase]> {
  return served(stage, xmlCase, async ({ body, header, mutations }) => {
    const source = envelope(pick(envelopeHeaders, header), pick(ewsBodies(await stage.tokens()), body));
    const outcome = await ewsCall(exchange, spoilXml(source, mutations));
    await stage.keep(outcome, 'ews');
    return complaintAbout(outcome, 'ews');
  });
}

export function spoiledAutodiscover(stage: Stage): fc.IAsyncProperty<[Omit<XmlCase, 'header'>]> {
  return served(
    stage,
    fc.record({ body: share, mutations: fc.array(xmlMutation, { minLength: 1, maxLength: 3 }) }),
    async (each) => {
      const soap = each.body < 0.5;
      const body = spoilXml(soap ? autodiscoverSoap : pox, each.mutations);
      const path = soap ? '/autodiscover/autodiscover.svc' : '/autodiscover/autodiscover.xml';
      const outcome = await stage.exchange.ask({ method: 'POST', path, headers: xmlHeaders(body), body });
      await stage.keep(outcome, soap ? 'autodiscover-soap' : 'autodiscover-pox-response');
      return complaintAbout(outcome, 'autodiscover');
    },
  );
}

export function damagedTokens(stage: Stage): fc.IAsyncProperty<[readonly [number, TokenCase]]> {
  return served(stage, fc.tuple(share, tokenCase), async ([at, { token, damage }]) => {
    const tokens = await stage.tokens();
    const whole = tokens[token];
    const body = pick(
      tokenBodies(tokens).filter((each) => each.includes(whole)),
      at,
    );
    const escaped = damaged(whole, damage).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    const outcome = await ewsCall(
      stage.exchange,
      envelope(
        '',
        body.replaceAll(whole, () => escaped),
      ),
    );
    await stage.keep(outcome, 'ews');
    return complaintAbout(outcome, 'ews');
  });
}

export function spoiledHeads(stage: Stage): fc.IAsyncProperty<[HeaderCase]> {
  return served(stage, headerCase, async (each) => {
    // Two good requests later the server has read these bytes: what is still unanswered waits for more.
    const later = async (): Promise<void> => {
      await stage.complaintAboutNext();
      await stage.complaintAboutNext();
    };
    const outcome = await stage.exchange.askRaw(rawRequest(each), later);
    return complaintAbout(outcome, /\/EWS/i.test(each.requestLine) ? 'ews' : 'other', true);
  });
}

export function spoiledControl(stage: Stage): fc.IAsyncProperty<[ControlCase]> {
  return served(stage, controlCase, async (each) => {
    const tokens = await stage.tokens();
    const { item } = tokens;
    const { method, path, body } = controlCall(each, Buffer.from(item, 'base64').toString('base64url'));
    const outcome = await stage.control(method, path, body);
    const complaint = complaintAbout(outcome, 'control') ?? (await complaintAboutEffect(stage, each, tokens));
    await stage.restore();
    return complaint;
  });
}

/** After what changes the calendar or the answers, those who ask for them still get some. */
async function complaintAboutEffect(stage: Stage, { route }: ControlCase, tokens: Tokens): Promise<string | undefined> {
  const changesItems = route.path.includes('calendar/items');
  const answers = route.path === 'faults' || route.path === 'access';
  if (!changesItems && !answers) return undefined;
  const bodies = ewsBodies(tokens);
  const names = changesItems ? ['<m:SyncFolderItems>', '<m:CalendarView'] : ['<m:GetFolder>'];
  for (const name of names) {
    const outcome = await ewsCall(stage.exchange, envelope('', bodies.find((body) => body.includes(name)) ?? ''));
    const complaint = complaintAbout(outcome, answers ? 'other' : 'ews');
    if (complaint !== undefined && !(answers && outcome.kind === 'answer')) return `Afterwards: ${complaint}`;
  }
  return undefined;
}
