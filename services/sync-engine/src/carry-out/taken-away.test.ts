import { describe, expect, it } from 'vitest';
import { keptTextBytes } from '../config.ts';
import { cutText, takenAway } from './taken-away.ts';

const said = (text: string) => ({
  kind: 'appointment' as const,
  content: { title: 'Review', location: 'Room 3', text: { format: 'html', content: text } },
});

describe('what is taken away', () => {
  it('is named by field group, as its side held it', () => {
    expect(takenAway(said('<p>Agenda</p>'), ['place', 'text'])).toEqual([
      { group: 'place', value: { location: 'Room 3' } },
      { group: 'text', value: { text: { format: 'html', content: '<p>Agenda</p>' } } },
    ]);
  });

  it('is everything that the item says where no groups are named', () => {
    const groups = takenAway(said('')).map(({ group }) => group);
    expect(groups).toEqual(expect.arrayContaining(['title', 'time', 'text', 'place']));
  });

  it('is whole up to its bound, and says when it is not', () => {
    const bound = 'x'.repeat(keptTextBytes - 2);
    expect(takenAway(said(bound), ['text'])).toEqual([
      { group: 'text', value: { text: { format: 'html', content: bound } } },
    ]);
    expect(takenAway(said(`${bound}y`), ['text'])).toEqual([
      { group: 'text', value: { text: { format: 'html', content: bound } }, cut: true },
    ]);
  });

  it.each(['🙂', '"', '\n', '\u0001', 'Ø'])('fits into its bound and keeps characters whole (%j)', (character) => {
    const cut = cutText(character.repeat(keptTextBytes));
    expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(keptTextBytes);
    expect(character.repeat(cut.length / character.length)).toBe(cut);
    expect(cut.length).toBeGreaterThan(keptTextBytes / 16);
  });
});
