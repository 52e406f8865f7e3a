// Items that together, or alone, are more than one message of the bus holds.
import { type AppointmentContent, exchangeItems, type ItemRead, maxMessageBytes } from '@lockstep/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ linked: ['alice'], technical: { incrementalChangeDetectionOnly: true } });
});
afterAll(() => gateway?.stop());

/** An item whose text has so many KiB, as a person would have pasted it in Outlook. */
async function paste(subject: string, kibibytes: number): Promise<string> {
  const added = await gateway.control('POST', '/control/mailboxes/alice@lockstep.test/calendar/items', {
    subject,
    start: '2026-05-01T08:00:00Z',
    end: '2026-05-01T09:00:00Z',
    body: 'x'.repeat(kibibytes * 1024),
  });
  return (added as { readonly id: string }).id;
}

async function read(ids: readonly string[]): Promise<readonly ItemRead[]> {
  const about = { mailbox: gateway.mailboxes.alice, priority: 'person' as const, kind: 'appointment' as const };
  const reply = await gateway.ask(exchangeItems.read, { ...about, ids });
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  expect(Buffer.byteLength(JSON.stringify(reply.value))).toBeLessThan(maxMessageBytes);
  return reply.value.results;
}

const textOf = (result: ItemRead | undefined) =>
  result?.kind === 'found' ? (result.item.content as AppointmentContent).text : undefined;

test('the last items that a message has no room for are left out, and come when they are asked for again', async () => {
  const ids: string[] = [];
  for (const subject of ['a', 'b', 'c', 'd']) ids.push(await paste(subject, 190));
  ids.push(await paste('small', 1));
  const found: string[] = [];
  for (let asked = 0; found.length < ids.length && asked < ids.length; asked++) {
    const left = ids.slice(found.length);
    const results = await read(left);
    const brought = results.map((result) => (result.kind === 'found' ? result.item.id : ''));
    expect(brought.length).toBeGreaterThan(0);
    // The first of them, in the order asked: nothing small overtakes what is large.
    expect(brought).toEqual(left.slice(0, brought.length));
    found.push(...brought);
  }
  expect(found).toEqual(ids);
});

test('an item that no message holds arrives with its text cut and marked, whatever is asked beside it', async () => {
  const large = await paste('large', 900);
  const beside = await paste('beside', 190);
  const [first, ...others] = await read([large, beside]);
  expect(textOf(first)).toMatchObject({ truncated: true });
  expect(textOf(first)?.content.length).toBeGreaterThan(200 * 1024);
  expect(others).toEqual([]);
  expect(textOf((await read([beside]))[0])).not.toHaveProperty('truncated');
});
