import { Change, MailboxKey } from '@lockstep/contracts';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { Checker, toBytes } from './check.ts';

const checker = new Checker();

describe('the checker', () => {
  it('lets unknown fields through', () => {
    const read = checker.read(Type.Object({ a: Type.Integer() }), toBytes({ a: 1, later: true }));
    expect(read).toMatchObject({ ok: true, value: { a: 1 } });
  });

  it('names a wrong or missing field as a JSON pointer and never its value', () => {
    const schema = Type.Object({ list: Type.Array(Type.Object({ name: Type.String() })) });
    expect(checker.check(schema, { list: [{ name: 'a' }, { name: 4711 }] })).toMatchObject({
      ok: false,
      field: '/list/1/name',
    });
    expect(checker.check(schema, { list: [{}] })).toMatchObject({ ok: false, field: '/list/0/name' });
    expect(checker.check(schema, {})).toMatchObject({ ok: false, field: '/list' });
    expect(JSON.stringify(checker.check(schema, { list: [{ name: 4711 }] }))).not.toContain('4711');
  });

  it('checks patterns of branded types and unions', () => {
    expect(checker.check(MailboxKey, 'aaaabbbbccccdddd').ok).toBe(true);
    expect(checker.check(MailboxKey, 'alice@lockstep.test').ok).toBe(false);
    expect(checker.check(Change, { v: 1, kind: 'all' }).ok).toBe(false);
  });

  it('refuses what is not JSON or not UTF-8', () => {
    const notText = Uint8Array.of(0x22, 0xff, 0x22);
    expect(checker.read(Type.String(), notText)).toEqual({ ok: false, field: '', reason: 'not JSON' });
    expect(checker.read(Type.String(), new TextEncoder().encode('{'))).toMatchObject({ ok: false, reason: 'not JSON' });
  });
});
