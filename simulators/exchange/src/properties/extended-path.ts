// The path of an extended property in one text, so that two spellings of the same property are one:
// a distinguished set is its GUID, a tag is a number, letters of GUIDs are small.
import { EwsError } from '../soap/ews-error.ts';
import type { ExtendedProperty } from '../store/item.ts';
import { readDateTime, writeDateTime } from '../time/date-time.ts';
import type { XmlElement } from '../xml/element.ts';
import { childOf } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';

const distinguishedSets: Readonly<Record<string, string>> = {
  Meeting: '6ed8da90-450b-101b-98da-00aa003f1305',
  Appointment: '00062002-0000-0000-c000-000000000046',
  Common: '00062008-0000-0000-c000-000000000046',
  PublicStrings: '00020329-0000-0000-c000-000000000046',
  Address: '00062004-0000-0000-c000-000000000046',
  InternetHeaders: '00020386-0000-0000-c000-000000000046',
  CalendarAssistant: '11000e07-b51b-40d6-af21-caa85edab1d0',
  UnifiedMessaging: '4442858e-a9e3-4e80-b900-317a210cc15b',
  Task: '00062003-0000-0000-c000-000000000046',
  Sharing: '00062040-0000-0000-c000-000000000046',
};

/** The key of a `t:ExtendedFieldURI`. @throws EwsError when the attributes do not go together */
export function extendedKeyOf(path: XmlElement): string {
  return extendedPropertyKey(path.attributes);
}

/** The key of a path given by its attributes. @throws EwsError when they do not go together */
export function extendedPropertyKey(attributes: Readonly<Record<string, string>>): string {
  const { PropertyTag: tag, PropertySetId: set, DistinguishedPropertySetId: distinguished } = attributes;
  const { PropertyName: name, PropertyId: id, PropertyType: type } = attributes;
  if (tag !== undefined) {
    if (set !== undefined || distinguished !== undefined || name !== undefined || id !== undefined) throw misfit();
    return `tag:${Number(tag).toString(16)}:${type}`;
  }
  const named = Object.hasOwn(distinguishedSets, distinguished ?? '')
    ? distinguishedSets[distinguished ?? '']
    : undefined;
  const guid = set ?? named;
  const both = (set === undefined) === (distinguished === undefined);
  if (both || guid === undefined || (name === undefined) === (id === undefined)) throw misfit();
  return `${guid.toLowerCase()}:${name === undefined ? `#${Number(id)}` : name}:${type}`;
}

function misfit(): EwsError {
  return new EwsError('ErrorInvalidExtendedProperty', 'The extended property attribute combination is invalid.');
}

/** Reads a `t:ExtendedProperty`. @throws EwsError */
export function readExtendedProperty(property: XmlElement): ExtendedProperty {
  const path = childOf(property, 'ExtendedFieldURI');
  if (path === undefined) throw misfit();
  const values = childOf(property, 'Values');
  const type = path.attributes['PropertyType'] ?? '';
  if (type.endsWith('Array') !== (values !== undefined)) {
    throw new EwsError('ErrorInvalidExtendedPropertyValue', 'The extended property value does not fit its type.');
  }
  return {
    key: extendedKeyOf(path),
    path: { ...path.attributes },
    value:
      values === undefined
        ? checkedValue(type, childOf(property, 'Value')?.text ?? '')
        : values.children.map((each) => checkedValue(type.replace(/Array$/, ''), each.text)),
  };
}

const valueShapes: Readonly<Record<string, RegExp>> = {
  Integer: /^[+-]?\d{1,10}$/,
  Long: /^[+-]?\d{1,19}$/,
  Short: /^[+-]?\d{1,5}$/,
  Boolean: /^(true|false|0|1)$/i,
  Binary: /^[A-Za-z0-9+/\s]*={0,2}$/,
  SystemTime: /^\d{4}-\d\d-\d\dT/,
};

function checkedValue(type: string, text: string): string {
  if (valueShapes[type]?.test(text) === false) {
    throw new EwsError('ErrorInvalidExtendedPropertyValue', 'The extended property value does not fit its type.');
  }
  return canonical(type, text);
}

/** The spelling in which a server gives it back, whichever a client used: clients read `true`, but some write `1`. */
function canonical(type: string, text: string): string {
  if (type === 'Boolean') return String(text === '1' || text.toLowerCase() === 'true');
  if (type === 'SystemTime') return canonicalInstant(text);
  return ['Integer', 'Long', 'Short'].includes(type) ? String(BigInt(text.replace('+', ''))) : text;
}

/** Instants are kept to the second, in UTC. */
function canonicalInstant(text: string): string {
  const instant = readDateTime(text, 'UTC');
  if (instant === undefined) {
    throw new EwsError('ErrorInvalidExtendedPropertyValue', 'The extended property value does not fit its type.');
  }
  return writeDateTime(instant);
}

/** Writes it with the path in the spelling that the client used to ask for it. */
export function writeExtendedProperty(
  path: Readonly<Record<string, string>>,
  value: ExtendedProperty['value'],
): string {
  const uri = element('t:ExtendedFieldURI', path, '');
  const content =
    typeof value === 'string'
      ? textElement('t:Value', value)
      : element('t:Values', {}, value.map((each) => textElement('t:Value', each)).join(''));
  return element('t:ExtendedProperty', {}, uri + content);
}
