import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { childOf, descend, readXml, textOf } from './xml-reader.ts';

describe('the XML reader', () => {
  test('drops prefixes and keeps text as it is written', () => {
    const root = readXml(
      '<?xml version="1.0"?><s:A xmlns:s="u"><!-- c --><t:B t:Id="1 &amp; 2">  x\r\ny </t:B><C/></s:A>',
    );
    expect(root.name).toBe('A');
    expect(textOf(root, 'B')).toBe('  x\ny ');
    expect(childOf(root, 'B')?.attributes['Id']).toBe('1 & 2');
    expect(textOf(root, 'C')).toBe('');
    expect(descend(root, 'B', 'nothing')).toBeUndefined();
  });

  test('decodes entities, character references and CDATA', () => {
    const root = readXml('<a>&lt;&#x1F642;&#65;&quot;&apos;&gt;<![CDATA[<raw>&amp;]]></a>');
    expect(root.text).toBe(`<🙂A"'><raw>&amp;`);
  });

  test('keeps the order of children', () => {
    expect(readXml('<a><x/><y/><x/></a>').children.map((child) => child.name)).toEqual(['x', 'y', 'x']);
  });

  test.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['a document type inside', '<a><!DOCTYPE b></a>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a bare ampersand', '<a>R & D</a>'],
    ['an unbalanced tag', '<a><b></a></b>'],
    ['an end without a beginning', '</a>'],
    ['a second root', '<a/><b/>'],
    ['text after the root', '<a/>tail'],
    ['an attribute without quotes', '<a b=c/>'],
    ['a character that there is not', '<a>&#x110000;</a>'],
    ['more depth than any answer has', '<a>'.repeat(300)],
  ])('refuses %s', (_, text) => {
    expect(() => readXml(text)).toThrow(/^XML: /);
  });

  test('never takes a truncated document for a whole one', () => {
    const whole = '<s:E xmlns:s="u"><s:B><m:R c="1">t&amp;<x/></m:R><![CDATA[c]]></s:B></s:E>';
    for (let end = 0; end < whole.length; end++) expect(() => readXml(whole.slice(0, end))).toThrow(/^XML: /);
  });

  test('a hostile name pollutes no prototype', () => {
    const root = readXml('<a __proto__="x"><__proto__ polluted="1"/></a>');
    expect(root.children).toHaveLength(1);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  test('gives back any text that was escaped', () => {
    const written = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\r/g, '&#13;');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readXml(`<a>${written(text)}</a>`).text).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});
