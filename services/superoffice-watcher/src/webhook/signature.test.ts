import { describe, expect, it } from 'vitest';
import { signatureMatches } from './signature.ts';

// The delivery of the reference, byte for byte, with signatures that were measured for two secrets.
const body = Buffer.from(
  '{"EventId":"6aa6de53-f5c3-4dc6-af3e-746df45573b8","Timestamp":"2026-11-12T08:13:17.8445662Z","Changes":["appointment_id","do_by","endDate","updated","updated_associate_id","updatedCount"],"Event":"activity.changed","PrimaryKey":4711,"Entity":"activity","ContextIdentifier":"Cust12345","ChangedByAssociateId":12,"WebhookName":"xsync-activity"}',
);
const signature = '4FGDD4SB/EDsDG4JQAJjdShCVrfCdXUonsxKTCjdTGY=';

describe('the signature of a delivery', () => {
  it('is the measured one of the reference', () => {
    expect(body).toHaveLength(342);
    expect(signatureMatches('s3cret', body, signature)).toBe(true);
    expect(signatureMatches('s3cret-åæø', body, 'HHzRBtbHqc2x4XKHAMLfRupMWO/0776UndB01dEYc3A=')).toBe(true);
  });

  it('is refused for another secret, another body, a cut one, none', () => {
    expect(signatureMatches('other', body, signature)).toBe(false);
    expect(signatureMatches('s3cret', Buffer.concat([body, Buffer.from(' ')]), signature)).toBe(false);
    expect(signatureMatches('s3cret', body, signature.slice(0, 20))).toBe(false);
    expect(signatureMatches('s3cret', body, undefined)).toBe(false);
  });
});
