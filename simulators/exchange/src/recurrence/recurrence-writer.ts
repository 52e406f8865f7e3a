// Writes a recurrence as the server does: its dates carry the offset that holds in the zone on that day (`2026-03-02+01:00`).
import { readDate, writeDate, writeOffset } from '../time/date-time.ts';
import { instantOf } from '../time/zone-arithmetic.ts';
import { type Tree, writeTree } from '../xml/tree.ts';

/** @param zone IANA zone of the series */
export function writeRecurrence(tree: Tree, zone: string): string {
  return writeTree({ ...withOffsets(tree, zone), name: 'Recurrence' });
}

function withOffsets(tree: Tree, zone: string): Tree {
  if (tree.name === 'StartDate' || tree.name === 'EndDate') {
    const day = readDate(tree.text ?? '');
    return day === undefined
      ? tree
      : { name: tree.name, text: writeDate(day) + writeOffset(day - instantOf(day, zone)) };
  }
  return tree.children === undefined
    ? tree
    : { ...tree, children: tree.children.map((child) => withOffsets(child, zone)) };
}
