// GetUserPhoto: pictures by size, and people who have none.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { all, type EwsClient, first } from './ews-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
  alice = server.client();
});
afterAll(() => server.finish());

const ask = (address: string, size = 'HR48x48'): string =>
  `<m:GetUserPhoto><m:Email>${address}</m:Email><m:SizeRequested>${size}</m:SizeRequested></m:GetUserPhoto>`;
const picture = (text: string): string => Buffer.from(text).toString('base64');
const path = 'mailboxes/bob@lockstep.test/photo';

it('a picture is shown in the size that is there, or the nearest one', async () => {
  await server.control('POST', path, { picture: picture('large') });
  await server.control('POST', path, { picture: picture('small'), size: 'HR64x64' });
  const shown = async (size: string): Promise<string | undefined> =>
    first((await alice.call(ask('bob@lockstep.test', size))).text, 'PictureData');
  expect([await shown('HR48x48'), await shown('HR64x64'), await shown('HR96x96'), await shown('HR648x648')]).toEqual(
    ['small', 'small', 'large', 'large'].map(picture),
  );
  const { text, codes, status } = await alice.call(ask('BOB@lockstep.test'));
  expect([status, codes, first(text, 'HasChanged')]).toEqual([200, ['NoError'], 'true']);
  expect(all(text, 'GetUserPhotoResponse')[0]?.attributes['ResponseClass']).toBe('Success');
});

it('a picture that the client has is not sent again until it changes', async () => {
  await server.control('POST', path, { picture: picture('first') });
  const { headers } = await alice.call(ask('bob@lockstep.test', 'HR648x648'));
  const known = { headers: { 'If-None-Match': headers.get('etag') ?? '' } };
  const again = await alice.call(ask('bob@lockstep.test', 'HR648x648'), known);
  expect([first(again.text, 'HasChanged'), first(again.text, 'PictureData')]).toEqual(['false', undefined]);
  await server.control('POST', path, { picture: picture('second') });
  const changed = await alice.call(ask('bob@lockstep.test', 'HR648x648'), known);
  expect([first(changed.text, 'HasChanged'), first(changed.text, 'PictureData')]).toEqual(['true', picture('second')]);
});

it.each(['carol@lockstep.test', 'nobody@lockstep.test'])('%s, who has none, is not found', async (address) => {
  const { status, codes, text } = await alice.call(ask(address));
  expect([status, codes, first(text, 'HasChanged')]).toEqual([404, ['ErrorItemNotFound'], 'false']);
});

it('a size that there is not breaks the schema, and pictures can be taken away', async () => {
  expect((await alice.call(ask('bob@lockstep.test', 'HR50x50'))).codes).toEqual(['ErrorSchemaValidation']);
  await server.control('DELETE', path);
  expect((await alice.call(ask('bob@lockstep.test'))).status).toBe(404);
  await expect(server.control('POST', path, { picture: 'no base64!' })).rejects.toThrow('400');
});
