// A release that declares one more setting, and a record of a release that did not know it, and the other way round.
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { readSettings, section, settingsRecord } from './section.ts';
import { choice, setting, settingPerName } from './setting.ts';

const words = { title: 'T', description: 'What it means.', since: '9.0.0' };
const settings = {
  limit: setting(Type.Integer({ minimum: 0, maximum: 10 }), { ...words, default: 3 }),
  rules: settingPerName(['title', 'time'], choice('newer', 'older'), { ...words, default: 'newer' }),
};
const now = section({ name: 'technical', title: 'S', description: 'D', version: 1, settings });
const next = section({
  ...{ name: 'technical' as const, title: 'S', description: 'D', version: 1 },
  settings: {
    ...settings,
    invented: setting(Type.Boolean(), { ...words, default: true }),
    rules: settingPerName(['title', 'time', 'mood'], choice('newer', 'older'), { ...words, default: 'older' }),
  },
});
const bytes = (value: unknown) =>
  Buffer.from(JSON.stringify(settingsRecord(value, 'somebody', '2026-11-22T08:00:00.000Z')));
const valueIn = (reading: ReturnType<typeof readSettings>) => (reading.kind === 'ok' ? reading.value.value : reading);

describe('a section that was stored before a setting was invented', () => {
  it('has the default of the setting, and of each new part of one', () => {
    const stored = { v: 1, limit: 7, rules: { title: 'older', time: 'newer' } };
    expect(valueIn(readSettings(next.stored, bytes(stored)))).toEqual({
      ...{ v: 1, limit: 7, invented: true },
      rules: { title: 'older', time: 'newer', mood: 'older' },
    });
  });

  it('may lack every setting', () => {
    expect(valueIn(readSettings(now.stored, bytes({ v: 1 })))).toEqual(now.standard);
  });
});

describe('a section that a later release stored in the same version', () => {
  it('is read, and what only that release knows is kept', () => {
    const stored = { v: 1, limit: 7, rules: { title: 'older', mood: 'newer' }, invented: false };
    expect(valueIn(readSettings(now.stored, bytes(stored)))).toEqual({
      ...stored,
      rules: { ...stored.rules, time: 'newer' },
    });
  });
});

it('a value outside its limits is damage that names the field', () => {
  expect(readSettings(now.stored, bytes({ v: 1, limit: 11 }))).toMatchObject({
    kind: 'damaged',
    field: '/value/limit',
  });
});

it('a newer version is never taken for damage', () => {
  expect(readSettings(now.stored, bytes({ v: 2, limit: 'many' }))).toMatchObject({ kind: 'newer', found: 2, reads: 1 });
});
