// Title and text. `Title` is the title and `Description` the text, with two inheritances:
// - rows from before Title existed show Description as both: a Description equal to the Title is no text of its own;
// - servers before 10 have no Title: there Description holds both, the title in its first line.

import type { ItemText } from '@lockstep/contracts';
import { plainText } from '@lockstep/items';

export interface TextFields {
  /** Absent on servers before 10. */
  readonly Title?: string | null | undefined;
  readonly Description?: string | null | undefined;
}

export interface TitleAndText {
  readonly title: string;
  readonly text: string;
}

/** What a row says. The text is plain and as SuperOffice wrote it. */
export function readTitleAndText(fields: TextFields): TitleAndText {
  const description = fields.Description ?? '';
  if (fields.Title === undefined || fields.Title === null) {
    const [title = '', ...rest] = description.split(/\r\n|\r|\n/);
    return { title, text: rest.join('\n').replace(/^\n+/, '') };
  }
  return { title: fields.Title, text: description === fields.Title ? '' : description };
}

/**
 * The fields to write so that the row reads back as wanted. A row whose Description repeats its Title goes on doing so,
 * or its old title would turn into a text; a text that happens to equal the title gets a line end, which reading as
 * plain text takes away again, or it would read as no text.
 */
export function writeTitleAndText(
  now: TextFields,
  changes: { readonly title?: string | undefined; readonly text?: ItemText | undefined },
): Partial<Record<'Title' | 'Description', string>> {
  if (changes.title === undefined && changes.text === undefined) return {};
  const before = readTitleAndText(now);
  const title = changes.title?.replace(/[\r\n]+/g, ' ') ?? before.title;
  const text = changes.text === undefined ? before.text : newText(before.text, plainText(changes.text));
  if (now.Title === undefined || now.Title === null) {
    return { Description: text === '' ? title : `${title}\n\n${text}` };
  }
  const repeatsTitle = before.text === '' && now.Title !== '' && now.Description === now.Title;
  if (text === '') return { Title: title, Description: repeatsTitle ? title : '' };
  return { Title: title, Description: text === title ? `${text}\n` : text };
}

/** The fields of a new row. Without a title it would get its text as the title: a blank reads as no title. */
export function newTitleAndText(template: TextFields, content: { readonly title: string; readonly text: ItemText }) {
  const hasTitle = template.Title !== undefined && template.Title !== null;
  const fields = writeTitleAndText(hasTitle ? { Title: '', Description: '' } : { Description: '' }, content);
  return fields.Title === '' && fields.Description !== '' ? { ...fields, Title: ' ' } : fields;
}

/** Keeps SuperOffice's own spelling of a text that says the same. */
function newText(before: string, wanted: string): string {
  return plainText({ format: 'plain', content: before }) === wanted ? before : wanted;
}
