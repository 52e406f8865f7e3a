// Watermarks of pull subscriptions: the position in the event log, opaque to clients.

const head = Buffer.from([0x01, 0, 0, 0]);

export function writeWatermark(position: number): string {
  const bytes = Buffer.alloc(12);
  bytes.set(head, 0);
  bytes.writeBigUInt64BE(BigInt(position), 4);
  return bytes.toString('base64');
}

/** Undefined when it is not one of ours. */
export function readWatermark(text: string): number | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 12 || !bytes.subarray(0, 4).equals(head) || bytes.toString('base64') !== text) return undefined;
  return Number(bytes.readBigUInt64BE(4));
}
