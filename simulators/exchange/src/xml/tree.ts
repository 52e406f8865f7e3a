// A value that is itself XML (attendees, recurrence, addresses) is kept as a small tree, in the order in which it was sent.
// It is plain JSON, so that it goes into the snapshot as it is.
import type { XmlElement } from './element.ts';
import { attributesOf, escapeText } from './writer.ts';

/** An element without position and namespace: everything in it belongs to the types namespace. */
export interface Tree {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Tree[];
  readonly text?: string;
}

/** Copies a checked element, without attributes of other namespaces: nobody asks for them again. */
export function treeOf(element: XmlElement): Tree {
  const own = Object.entries(element.attributes).filter(([name]) => !name.startsWith('{'));
  const attributes = own.length > 0 ? { attributes: Object.fromEntries(own) } : {};
  if (element.children.length > 0) return { name: element.name, ...attributes, children: element.children.map(treeOf) };
  return { name: element.name, ...attributes, ...(element.text === '' ? {} : { text: element.text }) };
}

/** Writes the tree with the prefix `t`. */
export function writeTree(tree: Tree): string {
  const start = `<t:${tree.name}${attributesOf(tree.attributes ?? {})}`;
  const content = tree.children?.map(writeTree).join('') ?? escapeText(tree.text ?? '');
  return content === '' ? `${start}/>` : `${start}>${content}</t:${tree.name}>`;
}

/** The first child of that name. */
export function branch(tree: Tree | undefined, name: string): Tree | undefined {
  return tree?.children?.find((child) => child.name === name);
}

/** The text of the first child of that name. */
export function leaf(tree: Tree | undefined, name: string): string | undefined {
  return branch(tree, name)?.text;
}
