// Writes docs/reference/openapi.json: what a running settings service says at /docs/json. A test compares the two.
//   node_modules/.bin/node services/settings/scripts/generate-openapi.ts
import { writeFile } from 'node:fs/promises';
import { startNatsServer } from '@lockstep/bus/testing/nats-server';
import { createTestKit } from '@lockstep/service-kit/testing/kit';
import { start } from '../src/service.ts';

const file = new URL('../../../docs/reference/openapi.json', import.meta.url);

const nats = await startNatsServer();
const kit = await createTestKit('settings', { natsUrl: nats.url });
const running = await start(kit);
const answer = await fetch(`${kit.url}/docs/json`);
const description: unknown = await answer.json();
await running.stop();
await kit.close();
await nats.stop();
if (!answer.ok) throw new Error(`/docs/json answered ${answer.status}`);
await writeFile(file, `${JSON.stringify(description, undefined, 2)}\n`);
