// What the values of an item can be, as they are stored.
import type { Tree } from '../xml/tree.ts';

/** HTML or plain text of an item. */
export interface Body {
  readonly format: 'HTML' | 'Text';
  readonly text: string;
}

/** Instants are milliseconds since 1970; zones are Windows ids; trees are values that are XML themselves. */
export type PropertyValue = string | number | boolean | readonly string[] | Body | Tree;

/** Which items there are, by the name of their element. */
export type ItemKind =
  | 'CalendarItem'
  | 'Contact'
  | 'Task'
  | 'Message'
  | 'MeetingRequest'
  | 'MeetingResponse'
  | 'MeetingCancellation';

/** Whether it is something that is sent. */
export function isMessage(kind: ItemKind): boolean {
  return kind === 'Message' || kind.startsWith('Meeting');
}
