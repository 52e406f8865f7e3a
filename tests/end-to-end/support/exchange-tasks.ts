// The tasks of one mailbox, changed as its user would in Outlook: plain EWS with the user's own password.
import { Buffer } from 'node:buffer';

export interface ExchangeTask {
  readonly id: string;
  readonly changeKey: string;
  readonly subject: string;
  readonly status: string;
  readonly dueDate: string;
}

const types = 'http://schemas.microsoft.com/exchange/services/2006/types';
const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const tasksFolder = '<t:DistinguishedFolderId Id="tasks"/>';

export class ExchangeTasks {
  readonly #url: string;
  readonly #authorization: string;

  constructor(simulatorUrl: string, address: string, password = 'lockstep') {
    this.#url = `${simulatorUrl}/EWS/Exchange.asmx`;
    this.#authorization = `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}`;
  }

  async items(): Promise<readonly ExchangeTask[]> {
    const shape =
      '<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:Subject"/>' +
      '<t:FieldURI FieldURI="task:Status"/><t:FieldURI FieldURI="task:DueDate"/></t:AdditionalProperties></m:ItemShape>';
    const answer = await this.#call(
      `<m:FindItem Traversal="Shallow">${shape}<m:ParentFolderIds>${tasksFolder}</m:ParentFolderIds></m:FindItem>`,
    );
    return [...answer.matchAll(/<(?:\w+:)?Task>([\s\S]*?)<\/(?:\w+:)?Task>/g)].map(([, task = '']) => ({
      id: attribute(task, 'ItemId', 'Id'),
      changeKey: attribute(task, 'ItemId', 'ChangeKey'),
      subject: text(task, 'Subject'),
      status: text(task, 'Status'),
      dueDate: text(task, 'DueDate').slice(0, 10),
    }));
  }

  async create(subject: string, dueDate: string): Promise<void> {
    const task =
      `<t:Task><t:Subject>${subject}</t:Subject><t:Importance>High</t:Importance>` +
      `<t:DueDate>${dueDate}T00:00:00Z</t:DueDate></t:Task>`;
    await this.#call(
      `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>${tasksFolder}</m:SavedItemFolderId>` +
        `<m:Items>${task}</m:Items></m:CreateItem>`,
    );
  }

  async complete({ id, changeKey }: ExchangeTask): Promise<void> {
    await this.#call(
      '<m:UpdateItem ConflictResolution="AlwaysOverwrite" MessageDisposition="SaveOnly"><m:ItemChanges><t:ItemChange>' +
        `<t:ItemId Id="${id}" ChangeKey="${changeKey}"/><t:Updates><t:SetItemField><t:FieldURI FieldURI="task:Status"/>` +
        '<t:Task><t:Status>Completed</t:Status></t:Task></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>',
    );
  }

  async delete({ id }: ExchangeTask): Promise<void> {
    await this.#call(
      '<m:DeleteItem DeleteType="MoveToDeletedItems" AffectedTaskOccurrences="AllOccurrences">' +
        `<m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:DeleteItem>`,
    );
  }

  async #call(body: string): Promise<string> {
    const envelope =
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="${types}" xmlns:m="${messages}">` +
      `<s:Header><t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { authorization: this.#authorization, 'content-type': 'text/xml; charset=utf-8' },
      body: envelope,
    });
    const answer = await response.text();
    if (!response.ok || !answer.includes('NoError')) throw new Error(`EWS answered ${response.status}: ${answer}`);
    return answer;
  }
}

const attribute = (xml: string, element: string, name: string): string =>
  new RegExp(`<(?:\\w+:)?${element}\\b[^>]*\\b${name}="([^"]*)"`).exec(xml)?.[1] ?? '';
const text = (xml: string, element: string): string =>
  new RegExp(`<(?:\\w+:)?${element}>([^<]*)<`).exec(xml)?.[1] ?? '';
