// What the bus reports, as metrics and log lines. Labels are declared subjects, stream names and error codes: a bounded number.
import type { BusEvent } from '@lockstep/bus';
import type { Logger } from 'pino';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Returns the listener to give to `connect`. */
export function countBusEvents(registry: Registry, log: Logger): (event: BusEvent) => void {
  const registers = [registry];
  const served = new Counter({
    name: 'lockstep_bus_served_total',
    help: 'Requests that this service answered, by operation and `ok` or the code of the error.',
    labelNames: ['operation', 'code'],
    registers,
  });
  const took = new Histogram({
    name: 'lockstep_bus_served_seconds',
    help: 'Time from the arrival of a request to its answer, waiting included.',
    labelNames: ['operation'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const unreadable = new Counter({
    name: 'lockstep_bus_unreadable_total',
    help: 'Broadcasts and stream messages that did not fit their schema.',
    labelNames: ['source'],
    registers,
  });
  const failures = new Counter({
    name: 'lockstep_bus_handler_failures_total',
    help: 'Handlers that threw: defects.',
    labelNames: ['operation'],
    registers,
  });
  const reconnects = new Counter({
    name: 'lockstep_bus_reconnects_total',
    help: 'Connections to NATS that were lost and made again.',
    registers,
  });
  const notPermitted = new Counter({
    name: 'lockstep_bus_not_permitted_total',
    help: 'Times that NATS refused what the user of this service may not do: defects of contracts/access.ts.',
    registers,
  });
  const connected = new Gauge({ name: 'lockstep_bus_connected', help: '1 while connected to NATS.', registers });
  connected.set(1);

  return (event) => {
    switch (event.kind) {
      case 'served':
        served.inc({ operation: event.operation, code: event.code });
        took.observe({ operation: event.operation }, event.tookMs / 1_000);
        break;
      case 'handler-failed':
        failures.inc({ operation: event.subject });
        log.error({ operation: event.subject, correlationId: event.correlationId, err: event.cause }, 'handler failed');
        break;
      case 'unreadable':
        unreadable.inc({ source: event.source });
        log.warn({ source: event.source, reason: event.reason }, 'message unreadable');
        break;
      case 'disconnected':
        connected.set(0);
        log.warn('NATS lost');
        break;
      case 'reconnected':
        connected.set(1);
        reconnects.inc();
        log.info({ serverId: event.serverId }, 'NATS back');
        break;
      case 'not-permitted':
        notPermitted.inc();
        log.error({ detail: event.detail }, 'NATS refuses what this service needs');
        break;
    }
  };
}
