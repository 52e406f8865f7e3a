// Gives and takes rights in a folder.
import type { Folder } from '../store/folder.ts';
import { type ControlCall, mailboxOf } from './control-call.ts';
import { ControlError } from './control-error.ts';
import { asChoice, asText, optionalBoolean } from './json-input.ts';

function folderOf(call: ControlCall): Folder {
  const folder = mailboxOf(call).distinguished.get(call.parameters['folder'] ?? '');
  if (folder === undefined) throw new ControlError(404, 'There is no such folder.');
  return folder;
}

/** Body: `{delegate, level, viewPrivate?}`. */
export function setPermission(call: ControlCall): undefined {
  const { body, simulator } = call;
  const delegate = asText(body['delegate'], 'delegate').toLowerCase();
  const level = asChoice(body['level'], 'level', ['None', 'Reviewer', 'Author', 'Editor']);
  folderOf(call).permissions.set(delegate, {
    level,
    viewPrivate: optionalBoolean(body['viewPrivate'], 'viewPrivate') ?? false,
  });
  simulator.revision += 1;
}

export function removePermission(call: ControlCall): undefined {
  folderOf(call).permissions.delete((call.parameters['delegate'] ?? '').toLowerCase());
  call.simulator.revision += 1;
}
