// ConvertId: an id in another spelling. The object need not exist; the id has to be well-formed.
import { empty, one, required, sequence, some } from '../schema/schema.ts';
import { anyText, boolean, nonEmptyText, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { type IdFormat, readAlternateId, writeAlternateId } from '../store/alternate-ids.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

const format = oneOf('EwsLegacyId EwsId EntryId HexEntryId StoreId OwaId');
const alternateId = empty({
  Format: required(format),
  Id: required(anyText),
  Mailbox: required(nonEmptyText),
  IsArchive: { required: false, type: boolean },
});
const publicFolderId = empty({ Format: required(format), FolderId: required(anyText) });
const publicItemId = empty({ Format: required(format), FolderId: required(anyText), ItemId: required(anyText) });

export const convertId: Operation = {
  name: 'ConvertId',
  type: sequence(
    [
      one({
        'm:SourceIds': sequence([
          some({
            't:AlternateId': alternateId,
            't:AlternatePublicFolderId': publicFolderId,
            't:AlternatePublicFolderItemId': publicItemId,
          }),
        ]),
      }),
    ],
    { DestinationFormat: required(format) },
  ),
  errorContent: '',
  begin(request) {
    const wanted = request.attributes['DestinationFormat'] as IdFormat;
    return childrenOf(request, 'SourceIds').map((source) => () => convert(source, wanted));
  },
};

function convert({ name, attributes }: XmlElement, wanted: IdFormat): string {
  const { Format = '', Id = '', Mailbox } = attributes;
  if (name !== 'AlternateId') throw new EwsError('ErrorInvalidOperation', 'There are no public folders.');
  const id = readAlternateId(Format as IdFormat, Id);
  if (id === undefined) throw new EwsError('ErrorInvalidIdMalformed');
  const written = {
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    'xsi:type': 't:AlternateIdType',
    Format: wanted,
    Id: writeAlternateId(wanted, id),
    Mailbox,
  };
  return element('m:AlternateId', written, '');
}
