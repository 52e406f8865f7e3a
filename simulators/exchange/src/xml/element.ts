// An XML element as the reader gives it: namespaces resolved, white space kept, the position for messages.
// Attributes without a prefix have no namespace; the others are kept under `{namespace}name`.

/** One element of a parsed document. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All character data that stands directly in this element, joined. */
  readonly text: string;
  /** Offset of the start tag in the document, in UTF-16 units. */
  readonly offset: number;
}

/** The first child of that local name. The schema check has made sure of its namespace. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) if (child.name === name) return child;
  return undefined;
}

/** The text of the first child of that name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text;
}

/** All children of the first child of that name; none when it is absent. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return childOf(element, name)?.children ?? [];
}
