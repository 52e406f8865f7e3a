// The answers that fault scripts give.
import type { FaultAction, FaultScript } from '../faults/fault-scripts.ts';
import { streamError } from '../notifications/streaming-connection.ts';
import { operations, wholeAnswers } from '../operations/operations.ts';
import { allFailed } from '../operations/run-operation.ts';
import type { Simulator } from '../simulator.ts';
import { faultEnvelope, messageValues, streamEnvelope } from '../soap/envelope.ts';
import { EwsError, EwsFault } from '../soap/ews-error.ts';
import type { SoapRequest } from '../soap/request.ts';
import type { XmlElement } from '../xml/element.ts';
import { type Exchange, sendAnswer } from './exchange.ts';

/** Answers as the script says. `hang` leaves the connection open without an answer. */
export function answerByScript(simulator: Simulator, exchange: Exchange, soap: SoapRequest, script: FaultScript): void {
  const { action } = script;
  switch (action.kind) {
    case 'fault': {
      const { code, text } = action;
      const fault = new EwsFault(code, text, backOff(action));
      sendAnswer(simulator, exchange, { status: 500, body: faultEnvelope(fault), code });
      return;
    }
    case 'message':
      answerInMessages(simulator, exchange, soap, action);
      return;
    case 'http':
      sendHttp(exchange, action);
      return;
    case 'reset':
      simulator.log.end(exchange.record, false);
      exchange.reset();
      return;
    case 'hang':
    case 'delay':
      return;
  }
}

type MessageAction = Extract<FaultAction, { kind: 'message' }>;

function answerInMessages(simulator: Simulator, exchange: Exchange, soap: SoapRequest, action: MessageAction): void {
  const error = new EwsError(action.code, action.text, backOff(action));
  const whole = wholeAnswers.get(soap.body.name)?.failed(soap.body, error);
  if (whole !== undefined) {
    sendAnswer(simulator, exchange, { status: 200, body: whole, code: action.code });
    return;
  }
  const operation = operations.get(soap.body.name);
  if (operation === undefined) {
    const body = streamEnvelope(streamError(action.code, []).replace('<m:ErrorSubscriptionIds/>', ''));
    sendAnswer(simulator, exchange, { status: 200, body, code: action.code });
    return;
  }
  sendAnswer(simulator, exchange, allFailed(operation, countOf(soap.body), error));
}

/** One message for each thing that was asked for. */
function countOf(body: XmlElement): number {
  const lists = ['ItemIds', 'Items', 'ItemChanges', 'FolderIds', 'ParentFolderIds'];
  return body.children.find((child) => lists.includes(child.name))?.children.length ?? 1;
}

function backOff(action: { readonly backOffMs?: number }): string {
  return action.backOffMs === undefined ? '' : messageValues({ BackOffMilliseconds: action.backOffMs });
}

function sendHttp(exchange: Exchange, action: Extract<FaultAction, { kind: 'http' }>): void {
  const { response, record } = exchange;
  record.status = action.status;
  const body = action.body ?? '';
  const headers = { 'Content-Type': 'text/html; charset=utf-8', ...action.headers };
  response.writeHead(action.status, { ...exchange.headers, ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
