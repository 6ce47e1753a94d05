/** The `sip` package has no typings. These cover what the self-check's phone and bench/ use of it. */
declare module "sip" {
  namespace sip {
    interface Address {
      /** Printed as it is: quoted by the caller. */
      name?: string;
      uri: string;
      params: Record<string, string | null>;
    }

    interface Headers {
      to: Address;
      from: Address;
      "call-id": string;
      cseq: { seq: number; method: string };
      contact?: Address[] | "*";
      /** Each parameter as it was written, quotes included. */
      "www-authenticate"?: Record<string, string>[];
      authorization?: Record<string, string>[];
      /** As they were written. */
      allow?: string;
      reason?: string;
      "retry-after"?: string;
      [name: string]: unknown;
    }

    /** A request has `method` and `uri`, a response `status` and `reason`. */
    interface Message {
      method?: string;
      uri?: string;
      status?: number;
      reason?: string;
      version: string;
      headers: Headers;
      content: string;
    }
  }

  const sip: {
    /** Escapes nothing. Sets `headers["content-length"]` of its argument to the length of `content`. */
    stringify(message: sip.Message): string;
    stringifyAuthHeader(credentials: Record<string, string>): string;
    /**
     * Unfit to read a network of strangers (docs/decisions/0005-own-parser.md).
     * @returns undefined where it can't make anything of the text.
     */
    parse(text: string): sip.Message | undefined;
    /** With the headers that a response takes from its request (RFC 3261 §8.2.6.2). */
    makeResponse(request: sip.Message, status: number, reason?: string): sip.Message;
  };
  export default sip;
}

declare module "sip/digest.js" {
  import type sip from "sip";

  const digest: {
    /** Puts an Authorization for the challenge of `response` into `request`. */
    signRequest(
      context: object,
      request: Pick<sip.Message, "method" | "uri" | "content"> & { headers: Partial<sip.Headers> },
      response: sip.Message,
      credentials: { user: string; password: string },
    ): unknown;
  };
  export default digest;
}
