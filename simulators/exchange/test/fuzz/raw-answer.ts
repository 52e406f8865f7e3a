// Reads HTTP answers out of bytes, strictly: a status line, headers, and a body of exactly the length that was announced.
import type { Outcome } from './http-exchange.ts';

type Answer = Extract<Outcome, { kind: 'answer' }>;

/** The final answers that are complete, in order. @param closed no more bytes will come. @throws Error for what is no HTTP */
export function readAnswers(bytes: Buffer, closed: boolean): readonly Answer[] {
  const answers: Answer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) break;
    const head = rest.toString('latin1', 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) [ -~]*/.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new Error(`This is no HTTP: ${head.slice(0, 200)}`);
    const body = rest.subarray(end + 4);
    if (status < 200) {
      rest = body;
      continue;
    }
    const content = readBody(head, body, closed);
    if (content === undefined) break;
    const type = headerOf(head, 'content-type') ?? '';
    answers.push({ kind: 'answer', status, type, text: content.text.toString() });
    rest = content.rest;
  }
  return answers;
}

interface Content {
  readonly text: Buffer;
  readonly rest: Buffer;
}

function readBody(head: string, body: Buffer, closed: boolean): Content | undefined {
  const length = headerOf(head, 'content-length');
  if (length !== undefined) {
    const end = Number(length);
    return body.length < end ? undefined : { text: body.subarray(0, end), rest: body.subarray(end) };
  }
  if (headerOf(head, 'transfer-encoding') === 'chunked') return readChunks(body);
  return closed ? { text: body, rest: Buffer.alloc(0) } : undefined;
}

function readChunks(body: Buffer): Content | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(body.toString('latin1', at, line), 16);
    const end = line + 2 + size;
    if (body.length < end + 2) return undefined;
    parts.push(body.subarray(line + 2, end));
    at = end + 2;
    if (size === 0) return { text: Buffer.concat(parts), rest: body.subarray(at) };
  }
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\\s*$`, 'im').exec(head)?.[1];
}
