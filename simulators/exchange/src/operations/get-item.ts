// GetItem: any number of ids, each with its own success or failure.

import { findItem } from '../caller/find-objects.ts';
import { fullRights, writeRights } from '../caller/rights.ts';
import { readItemShape } from '../properties/item-shape.ts';
import { writeItem } from '../properties/item-writer.ts';
import { itemIds, itemShape } from '../schema/common-types.ts';
import { one, sequence } from '../schema/schema.ts';
import { childOf, childrenOf } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const getItem: Operation = {
  name: 'GetItem',
  type: sequence([one({ 'm:ItemShape': itemShape }), one({ 'm:ItemIds': itemIds })]),
  errorContent: '<m:Items/>',
  begin(request, context) {
    const shape = readItemShape(childOf(request, 'ItemShape') ?? request, writeRights(fullRights));
    return childrenOf(request, 'ItemIds').map((id) => () => {
      const { view, rights } = findItem(id, context);
      const content = writeItem(view, { ...shape, rights: writeRights(rights) }, 'item');
      return element('m:Items', {}, content);
    });
  },
};
