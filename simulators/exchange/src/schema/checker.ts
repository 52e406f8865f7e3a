// Walks a request against its schema and reports the first violation in the words of .NET's validator,
// which is what clients of the real server see in t:Violation.
import type { XmlElement } from '../xml/element.ts';
import type { AttributeType, ElementType, Part, SimpleType } from './schema.ts';

/** Where and what. */
export interface Violation {
  readonly offset: number;
  readonly text: string;
}

/** The first violation of the element against the type; nothing when it is valid. */
export function checkElement(element: XmlElement, type: ElementType): Violation | undefined {
  if (type.kind === 'open') return undefined;
  const attributeViolation = checkAttributes(element, type.attributes);
  if (attributeViolation !== undefined) return attributeViolation;
  return type.kind === 'text' ? checkText(element, type.type) : checkParts(element, type.parts);
}

/** Any element may say which type it is, or bear what SOAP means by it. */
const forAll = ['{http://www.w3.org/2001/XMLSchema-instance}', '{http://schemas.xmlsoap.org/soap/envelope/}'];
const isForAll = (name: string): boolean => forAll.some((namespace) => name.startsWith(namespace));
/** `{namespace}name` as the server writes it. */
const shown = (name: string): string => name.replace(/^\{([^}]*)\}/, '$1:');

function checkAttributes(element: XmlElement, types: Readonly<Record<string, AttributeType>>): Violation | undefined {
  for (const name in element.attributes) {
    if (isForAll(name)) continue;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) return at(element, `The '${shown(name)}' attribute is not declared.`);
    const complaint = type.type(element.attributes[name] ?? '');
    if (complaint !== undefined) {
      return at(
        element,
        `The '${name}' attribute is invalid - The value '${element.attributes[name]}' is invalid according to its datatype - ${complaint}`,
      );
    }
  }
  for (const name in types) {
    if (types[name]?.required && !(name in element.attributes)) {
      return at(element, `The required attribute '${name}' is missing.`);
    }
  }
  return undefined;
}

function checkText(element: XmlElement, type: SimpleType): Violation | undefined {
  const [child] = element.children;
  if (child !== undefined)
    return at(
      child,
      `The element ${named(element)} cannot contain child element ${named(child)} because the parent element's content model is text only.`,
    );
  const complaint = type(element.text);
  if (complaint === undefined) return undefined;
  return at(
    element,
    `The ${named(element)} element is invalid - The value '${element.text}' is invalid according to its datatype - ${complaint}`,
  );
}

function checkParts(element: XmlElement, parts: readonly Part[]): Violation | undefined {
  if (element.text.trim() !== '') return at(element, `The element ${named(element)} cannot contain text.`);
  let position = 0;
  let seen = 0;
  for (const child of element.children) {
    const key = `{${child.namespace}}${child.name}`;
    for (;;) {
      const part = parts[position];
      if (part?.choices.has(key) && seen < part.max) break;
      if (part === undefined || seen < part.min) return at(child, unexpected(element, child, parts, position, seen));
      position += 1;
      seen = 0;
    }
    seen += 1;
    const type = parts[position]?.choices.get(key);
    const violation = type === undefined ? undefined : checkElement(child, type());
    if (violation !== undefined) return violation;
  }
  const missing = parts.slice(position).some((part, index) => (index === 0 ? seen : 0) < part.min);
  if (!missing) return undefined;
  return at(element, `The element ${named(element)} has incomplete content. ${expectation(parts, position, seen)}`);
}

function unexpected(
  parent: XmlElement,
  child: XmlElement,
  parts: readonly Part[],
  position: number,
  seen: number,
): string {
  const start = `The element ${named(parent)} has invalid child element ${named(child)}.`;
  return `${start} ${expectation(parts, Math.min(position, parts.length), seen)}`.trimEnd();
}

function expectation(parts: readonly Part[], position: number, seen: number): string {
  const names: string[] = [];
  for (const [index, part] of parts.slice(position).entries()) {
    const count = index === 0 ? seen : 0;
    if (count < part.max) names.push(...[...part.choices.keys()].map((key) => key.slice(key.indexOf('}') + 1)));
    if (count < part.min) break;
  }
  return names.length === 0 ? '' : `List of possible elements expected: '${names.slice(0, 12).join(', ')}'.`;
}

function named(element: XmlElement): string {
  return `'${element.name}' in namespace '${element.namespace}'`;
}

function at(element: XmlElement, text: string): Violation {
  return { offset: element.offset, text };
}
