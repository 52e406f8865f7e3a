// POST /EWS/Exchange.asmx: from a request on a socket to an answer, with everything that may go wrong on the way
// in the order in which a real server meets it: authentication, schema, impersonation, scripts, then the operation.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallContext, Caller } from '../caller/call-context.ts';
import { callerOf } from '../caller/impersonation.ts';
import type { FaultScript } from '../faults/fault-scripts.ts';
import { readBody } from '../http/body.ts';
import type { RequestRecord } from '../observe/request-log.ts';
import { streamingRequestType } from '../operations/get-streaming-events.ts';
import { operations, wholeAnswers } from '../operations/operations.ts';
import { type Answer, runSteps } from '../operations/run-operation.ts';
import { inRequestZone } from '../properties/request-zone.ts';
import { readZone } from '../properties/value-reader.ts';
import { operationNames } from '../schema/operation-names.ts';
import type { ElementType } from '../schema/schema.ts';
import type { Simulator } from '../simulator.ts';
import { faultEnvelope } from '../soap/envelope.ts';
import { EwsError, EwsFault } from '../soap/ews-error.ts';
import { checkAgainst, readSoapRequest, type SoapRequest, schemaFault } from '../soap/request.ts';
import { type Admission, OverBudget } from '../throttle/throttle.ts';
import { ianaOf } from '../time/zones.ts';
import type { XmlElement } from '../xml/element.ts';
import { answerPlainly } from './busy-answers.ts';
import { type Exchange, sendAnswer, sendPlain, standardHeaders } from './exchange.ts';
import { answerByScript } from './scripted-answer.ts';
import { serveStream } from './stream-answer.ts';

const streamingOperation = 'GetStreamingEvents';

/** Serves one request; never rejects. */
export async function serveEws(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const clientRequestId = request.headers['client-request-id'];
  const record = simulator.log.begin(typeof clientRequestId === 'string' ? clientRequestId : undefined);
  response.on('close', () => simulator.log.end(record, !response.writableFinished));
  const reset = (): void => simulator.tcp.reset(request.socket);
  const exchange: Exchange = { request, response, record, headers: standardHeaders(request), reset };
  try {
    await serve(simulator, exchange);
  } catch (error) {
    if (response.destroyed) return; // nobody is left to answer
    if (error instanceof OverBudget && error.answer !== 'fault' && error.answer !== 'message') {
      answerPlainly(exchange, error.answer, error.backOffMs);
      return;
    }
    sendAnswer(simulator, exchange, answerOfError(error));
  }
}

function answerOfError(error: unknown): Answer {
  if (error instanceof OverBudget) return answerOfError(error.toEwsFault());
  if (error instanceof EwsError) return { status: 500, body: faultEnvelope(error), code: error.code };
  process.emitWarning(error instanceof Error ? error : String(error), 'ExchangeSimulator');
  const fault = new EwsFault('ErrorInternalServerError');
  return { status: 500, body: faultEnvelope(fault), code: fault.code };
}

async function serve(simulator: Simulator, exchange: Exchange): Promise<void> {
  const { request, record } = exchange;
  const body = await readBody(request, simulator.options.maxRequestBytes);
  const access = simulator.authenticator.authenticate(request);
  if (access.kind === 'refused') {
    Object.assign(exchange.headers, access.headers);
    sendPlain(exchange, access.status, '');
    return;
  }
  simulator.log.identify(record, access.account.address);
  if (request.method !== 'POST') return sendPlain(exchange, 405, '');
  if (body.kind === 'tooBig') throw new EwsFault('ErrorRequestStreamTooBig');
  if (body.kind === 'notUtf8') throw schemaFault('', 0, 'Invalid character in the given encoding.');
  const soap = readRequest(simulator, body.text, record);
  const caller = callerOf(access.account, soap, simulator.directory);
  if (access.token?.appOnly === true && caller.impersonated === undefined) {
    const text = 'ExchangeImpersonation SOAP header must be present for this type of OAuth token.';
    throw new EwsFault('ErrorInvalidUserPrincipalName', text);
  }
  if (isSwitchedOff(simulator, caller)) return sendPlain(exchange, 403, '');
  record.mailbox = caller.impersonated?.identity.address;
  simulator.log.charge(record, caller.budgetOwner);
  const noise = simulator.noise.next();
  if (noise !== undefined) return answerPlainly(exchange, noise);
  const admission = admit(simulator, exchange, soap, caller);
  if (admission === undefined) return;
  exchange.response.on('close', () => admission.leave());
  await perform(simulator, exchange, soap, contextFor(simulator, exchange, soap, caller), admission);
}

function isSwitchedOff(simulator: Simulator, { impersonated }: Caller): boolean {
  const address = impersonated?.identity.address.toLowerCase();
  return address !== undefined && simulator.access.ewsDisabledFor.includes(address);
}

/** Undefined when the request was over budget and has been answered inside HTTP 200. */
function admit(simulator: Simulator, exchange: Exchange, soap: SoapRequest, caller: Caller): Admission | undefined {
  const operation = soap.body.name;
  try {
    return simulator.throttle.admit({ owner: caller.budgetOwner, operation, find: findOf(soap.body) });
  } catch (error) {
    if (!(error instanceof OverBudget) || error.answer !== 'message' || !operations.has(operation)) throw error;
    const action = { kind: 'message', code: 'ErrorServerBusy', backOffMs: error.backOffMs } as const;
    answerByScript(simulator, exchange, soap, { match: {}, when: 'before', action });
    return undefined;
  }
}

function findOf(body: XmlElement): { readonly count: number; readonly filtered: boolean } | undefined {
  if (!body.name.startsWith('Find')) return undefined;
  const view = body.children.find((child) => child.name.endsWith('View'));
  return {
    count: Number(view?.attributes['MaxEntriesReturned'] ?? 1000),
    filtered: body.children.some((child) => child.name === 'Restriction'),
  };
}

function readRequest(simulator: Simulator, text: string, record: RequestRecord): SoapRequest {
  try {
    const soap = readSoapRequest(text);
    record.operation = soap.body.name;
    const type = typeOf(soap.body.name);
    if (type === undefined) throw notOffered(soap);
    checkAgainst(text, soap.body, type);
    simulator.recorder?.record(`request-${soap.body.name}`, text);
    return soap;
  } catch (error) {
    simulator.recorder?.record('refused', text);
    throw error;
  }
}

function typeOf(name: string): ElementType | undefined {
  if (name === streamingOperation) return streamingRequestType;
  return (operations.get(name) ?? wholeAnswers.get(name))?.type;
}

function notOffered({ source, body }: SoapRequest): EwsFault {
  if (operationNames.has(body.name)) {
    return new EwsFault('ErrorInvalidOperation', `The operation '${body.name}' is not offered by this server.`);
  }
  return schemaFault(source, body.offset, `The operation '${body.name}' is not known.`);
}

function contextFor(simulator: Simulator, exchange: Exchange, soap: SoapRequest, caller: Caller): CallContext {
  const zoneElement = soap.headers.get('TimeZoneContext')?.children[0];
  const timeZone = zoneElement === undefined ? undefined : readZone(zoneElement);
  return {
    caller,
    timeZone,
    zone: (timeZone === undefined ? undefined : ianaOf(timeZone)) ?? 'UTC',
    directory: simulator.directory,
    serials: simulator.serials,
    lostSpan: simulator.lostSpan,
    subscriptions: simulator.subscriptions,
    throttle: simulator.throttle,
    outbox: simulator.outbox,
    strictAffinity: simulator.access.strictAffinity,
    behaviour: simulator.behaviour,
    nowMs: () => simulator.clock.nowMs(),
    minuteMs: simulator.options.minuteMs,
    startPush: (subscription, terms) => simulator.startPush(subscription, terms),
    responseHeaders: exchange.headers as Record<string, string>,
    requestHeaders: exchange.request.headers,
  };
}

async function perform(
  simulator: Simulator,
  exchange: Exchange,
  soap: SoapRequest,
  context: CallContext,
  admission: Admission,
): Promise<void> {
  const name = soap.body.name;
  const script = simulator.faults.take({
    mailbox: context.caller.mailbox?.identity.address,
    account: context.caller.account.address,
    operation: name,
  });
  if (script !== undefined) exchange.record.fault = `${script.when} ${script.action.kind}`;
  const open = exchange.record.inFlight ?? 1;
  await pause(simulator.latency.of(name, open) + (script?.action.kind === 'delay' ? script.action.ms : 0));
  if (name === streamingOperation) {
    if (script !== undefined && script.action.kind !== 'delay')
      return answerByScript(simulator, exchange, soap, script);
    return serveStream(simulator, exchange, soap, context, admission);
  }
  const run = (): Promise<Answer> => runRequest(soap, context, admission);
  if (script === undefined || script.action.kind === 'delay') return sendAnswer(simulator, exchange, await run());
  await effectOf(script, run, simulator);
  answerByScript(simulator, exchange, soap, script);
}

/** Lets the request have its effect before, or long after, the answer that the script gives; or not at all. */
async function effectOf(script: FaultScript, run: () => Promise<Answer>, simulator: Simulator): Promise<void> {
  if (script.when === 'after') await run();
  if (script.when !== 'later') return;
  simulator.clock.after(script.effectDelayMs ?? 5000, () => {
    run().catch((error: unknown) => process.emitWarning(String(error), 'ExchangeSimulator'));
  });
}

async function runRequest(soap: SoapRequest, context: CallContext, admission: Admission): Promise<Answer> {
  const whole = wholeAnswers.get(soap.body.name);
  if (whole !== undefined) {
    const answer = whole.answer(soap.body, context);
    return typeof answer === 'string' ? { status: 200, body: answer, code: 'NoError' } : answer;
  }
  const operation = operations.get(soap.body.name);
  if (operation === undefined) throw new EwsFault('ErrorInvalidRequest');
  const answer = await runSteps(operation, operation.begin(soap.body, context), () => pause(admission.delayMs()));
  const zoned = context.timeZone !== undefined && context.behaviour.answerInRequestZone;
  return zoned ? { ...answer, body: inRequestZone(answer.body, context.zone) } : answer;
}

function pause(ms: number): Promise<void> | undefined {
  return ms <= 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
}
