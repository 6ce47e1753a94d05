/** Routes of a script's own in control's HTTP. What a handler gets is Node's request and response, as far as told here. */
export interface HandlerRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface HandlerResponse {
  statusCode: number;
  setHeader(name: string, value: string | number): unknown;
  writeHead(status: number, headers?: Record<string, string | number>): HandlerResponse;
  write(text: string): boolean;
  end(text?: string): unknown;
}

/** Answers a request; gets the path cut at its slashes and the body as text. One that throws is answered 500. */
export type HttpHandler = (
  pathparts: readonly string[],
  request: HandlerRequest,
  response: HandlerResponse,
  body: string,
) => unknown;

/** Method → first part of the path → handler. */
export type HttpHandlers = Record<string, Record<string, HttpHandler>>;

export const newHandlers = (): HttpHandlers => ({ GET: {}, PUT: {}, POST: {}, PATCH: {}, DELETE: {} });
