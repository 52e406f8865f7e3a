// The properties: whatever is sent, something acceptable comes back, and the next good request is served.
import fc from 'fast-check';
import { allProperties, calendar, getFolder, sync } from '../requests.ts';
import { type ControlCase, controlCall, controlCase } from './control-cases.ts';
import { autodiscoverSoap, calendarView, envelope, envelopeHeaders, ewsBodies, pox, tokenBodies } from './documents.ts';
import { type HeaderCase, headerCase, rawRequest } from './header-cases.ts';
import type { HttpExchange } from './http-exchange.ts';
import { pick, share } from './share.ts';
import { spoilXml } from './spoil-xml.ts';
import { ewsCall, type Stage, xmlHeaders } from './stage.ts';
import { damaged, type TokenCase, tokenCase } from './token-cases.ts';
import { complaintAbout } from './verdict.ts';
import { type XmlMutation, xmlMutation } from './xml-mutations.ts';

function served<T>(
  stage: Stage,
  arbitrary: fc.Arbitrary<T>,
  complain: (each: T) => Promise<string | undefined>,
): fc.IAsyncProperty<[T]> {
  return fc.asyncProperty(arbitrary, async (each) => {
    const startedMs = performance.now();
    const complaint = await complain(each);
    stage.noteTime(performance.now() - startedMs, each);
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
    const outcome = await stage.exchange.askRaw(rawRequest(each), () => stage.complaintAboutNext());
    return complaintAbout(outcome, /\/EWS/i.test(each.requestLine) ? 'ews' : 'other', true);
  });
}

export function spoiledControl(stage: Stage): fc.IAsyncProperty<[ControlCase]> {
  return served(stage, controlCase, async (each) => {
    const { method, path, body } = controlCall(each, await stage.newItem());
    const outcome = await stage.control(method, path, body);
    const complaint = complaintAbout(outcome, 'control') ?? (await complaintAboutEffect(stage, each));
    if (leavesTraces(each)) await stage.restore();
    return complaint;
  });
}

/** What else than the calendar a call may have changed. */
function leavesTraces({ route }: ControlCase): boolean {
  return route.method !== 'GET' && !route.path.includes('calendar/items');
}

/** After what changes the calendar or the answers, those who ask for them still get some. */
async function complaintAboutEffect(stage: Stage, { route }: ControlCase): Promise<string | undefined> {
  const changesItems = route.path.includes('calendar/items');
  const answers = route.path === 'faults' || route.path === 'access';
  if (!changesItems && !answers) return undefined;
  for (const body of changesItems ? [sync(undefined, 100, calendar, allProperties), calendarView] : [getFolder()]) {
    const outcome = await ewsCall(stage.exchange, envelope('', body));
    const complaint = complaintAbout(outcome, answers ? 'other' : 'ews');
    if (complaint !== undefined && !(answers && outcome.kind === 'answer')) return `Afterwards: ${complaint}`;
  }
  return undefined;
}
