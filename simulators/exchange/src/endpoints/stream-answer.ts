// Answers GetStreamingEvents: chunked, one write an envelope, open for minutes.

import type { CallContext } from '../caller/call-context.ts';
import { StreamingConnection, streamError } from '../notifications/streaming-connection.ts';
import { planStream } from '../operations/get-streaming-events.ts';
import type { OpenStream, Simulator } from '../simulator.ts';
import { streamEnvelope } from '../soap/envelope.ts';
import type { SoapRequest } from '../soap/request.ts';
import type { Admission } from '../throttle/throttle.ts';
import type { Exchange } from './exchange.ts';

export function serveStream(
  simulator: Simulator,
  exchange: Exchange,
  soap: SoapRequest,
  context: CallContext,
  admission: Admission,
): void {
  const { response, record } = exchange;
  const plan = planStream(soap.body, context, simulator.options.minuteMs);
  if (plan.kind === 'serve') admission.becomeStream();
  record.status = 200;
  record.responseCode = plan.kind === 'serve' ? 'NoError' : plan.code;
  const write = (envelope: string): void => {
    simulator.recorder?.recordStream(envelope);
    if (!response.destroyed) response.write(envelope);
  };
  response.writeHead(200, { ...exchange.headers, 'Content-Type': 'text/xml; charset=utf-8' });
  if (plan.kind === 'refuse') {
    write(streamEnvelope(streamError(plan.code, plan.ids)));
    response.end();
    return;
  }
  simulator.log.stream(record);
  const times = { timeoutMs: plan.timeoutMs, heartbeatMs: simulator.options.heartbeatMs };
  const sink = { write, end: () => response.end() };
  const connection = new StreamingConnection(sink, plan.subscriptions, simulator.subscriptions, simulator.clock, times);
  const cut = (): void => {
    simulator.log.end(record, false);
    response.destroy();
  };
  const open: OpenStream = { connection, cut };
  simulator.streams.add(open);
  response.on('close', () => {
    simulator.streams.delete(open);
    connection.abandon();
  });
  connection.open();
}
