// The properties of a task, in the order of the schema.
import { definitions, notInLists, readOnly } from './definitions.ts';
import type { Property } from './property.ts';
import { taskRecurrence } from './recurrence-types.ts';

const task = definitions('task');

export const taskProperties: readonly Property[] = [
  task.integer('ActualWork'),
  readOnly(task.instant('AssignedTime')),
  task.text('BillingInformation'),
  task.computed('ChangeCount'),
  task.strings('Companies'),
  task.day('CompleteDate'),
  task.strings('Contacts'),
  readOnly(task.choice('DelegationState', 'NoMatch OwnNew Owned Accepted Declined Max')),
  readOnly(task.text('Delegator')),
  task.day('DueDate', 'Default'),
  task.computed('IsAssignmentEditable'),
  task.computed('IsComplete'),
  task.computed('IsRecurring'),
  task.computed('IsTeamTask'),
  task.text('Mileage'),
  task.computed('Owner'),
  task.double('PercentComplete', 'Default'),
  notInLists(task.tree('Recurrence', taskRecurrence)),
  task.day('StartDate', 'Default'),
  task.choice('Status', 'NotStarted InProgress Completed WaitingOnOthers Deferred', 'Default'),
  task.computed('StatusDescription'),
  task.integer('TotalWork'),
];
