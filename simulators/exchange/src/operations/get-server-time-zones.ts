// GetServerTimeZones: the zones by Windows id; on demand with the rules that hold this year.

import { readBoolean } from '../properties/value-reader.ts';
import { allowed, optional, sequence, some, text } from '../schema/schema.ts';
import { anyText, boolean } from '../schema/simple-types.ts';
import { displayNameOf, windowsIds } from '../time/zones.ts';
import { childrenOf } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';
import { writeZoneRules } from './zone-rules.ts';

export const getServerTimeZones: Operation = {
  name: 'GetServerTimeZones',
  type: sequence([optional({ 'm:Ids': sequence([some({ 't:Id': text(anyText) })]) })], {
    ReturnFullTimeZoneData: allowed(boolean),
  }),
  errorContent: '<m:TimeZoneDefinitions/>',
  begin(request, context) {
    const full = readBoolean(request.attributes['ReturnFullTimeZoneData'] ?? 'true');
    const asked = new Set(childrenOf(request, 'Ids').map((id) => id.text));
    return [
      () => {
        const ids = windowsIds().filter((id) => asked.size === 0 || asked.has(id));
        const zones = ids.map((Id) => {
          const rules = full ? writeZoneRules(Id, context.nowMs()) : '';
          return element('t:TimeZoneDefinition', { Id, Name: displayNameOf(Id) }, rules);
        });
        return element('m:TimeZoneDefinitions', {}, zones.join(''));
      },
    ];
  },
};
