// Every refusal that the API can answer. REST errors have SuperOffice's own body; requests that do not even bind
// (wrong JSON, wrong type) get ASP.NET's, as in the real product.

export class SoError extends Error {
  readonly status: number;
  readonly errorType: string;
  readonly body: unknown;

  constructor(status: number, errorType: string, message: string, body?: unknown) {
    super(message);
    this.status = status;
    this.errorType = errorType;
    this.body = body ?? {
      Error: true,
      ErrorType: errorType,
      ErrorMessage: message,
      ErrorSource: 'SuperOffice.Services.Implementation',
    };
  }
}

/** 404 with the product's wording: `Contact id 99999 not found`. */
export const notFound = (what: string, id: number | string): SoError =>
  new SoError(404, 'SoNotFoundException', `${what} id ${id} not found`);

/** 400 of the binding layer: the body is not what the operation takes. */
export const invalidRequest = (detail: string): SoError =>
  new SoError(400, 'BadRequest', detail, { Message: 'The request is invalid.', MessageDetail: detail });

/** 400 with the product's own body: the arguments bind but make no sense. */
export const badArgument = (message: string): SoError => new SoError(400, 'ArgumentException', message);

/** 500 with a business rule: many of them surface so in the real product. */
export const ruleBroken = (message: string): SoError => new SoError(500, 'SoException', message);

export const unauthorized = (message: string): SoError => new SoError(401, 'SoSessionException', message);

export const forbidden = (message: string): SoError => new SoError(403, 'SoSentryException', message);

export const testFailed = (message: string): SoError => new SoError(409, 'JsonPatchTestFailedException', message);
