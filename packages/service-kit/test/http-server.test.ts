// The HTTP server before, while and after a service has started.
import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer, type HttpServer } from '../src/http-server.ts';

const servers: HttpServer[] = [];
function made(opensByItself: boolean, ready = true): HttpServer {
  const metrics = new Registry();
  new Counter({ name: 'lockstep_test_things_total', help: 'Things.', registers: [metrics] }).inc();
  const readiness = () => ({ nats: true, settings: true, service: ready });
  const server = createHttpServer({ metrics, readiness, opensByItself });
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('the HTTP server', () => {
  it('answers probes before the service has started, everything else 503, and takes its routes meanwhile', async () => {
    const server = made(false);
    const url = await server.listen('127.0.0.1', 0);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('lockstep_test_things_total 1');
    expect((await fetch(`${url}/own`)).status).toBe(503);
    server.app.get('/own', async () => ({ mine: true }));
    await server.open();
    expect(await (await fetch(`${url}/own`)).json()).toEqual({ mine: true });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/other`)).status).toBe(404);
  });

  it('says what is missing when it is not ready', async () => {
    const server = made(true, false);
    const url = await server.listen('127.0.0.1', 0);
    const reply = await fetch(`${url}/readyz`);
    expect([reply.status, await reply.json()]).toEqual([
      503,
      { ready: false, nats: true, settings: true, service: false },
    ]);
  });

  it('closes although a client keeps its connection', async () => {
    const server = made(true);
    const url = await server.listen('127.0.0.1', 0);
    await (await fetch(`${url}/healthz`, { headers: { connection: 'keep-alive' } })).text();
    await server.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
