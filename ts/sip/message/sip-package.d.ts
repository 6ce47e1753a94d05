/** The `sip` package has no typings. These cover what message/serialize.ts and bench/ use of it. */
declare module "sip" {
  namespace sip {
    interface PrintedAddress {
      /** Printed as it is: quoted by the caller. */
      name?: string;
      uri: string;
      params: Record<string, string | null>;
    }

    interface PrintedVia {
      version: string;
      protocol: string;
      host: string;
      port?: number;
      params: Record<string, string | null>;
    }

    /** A string is printed as it is, under any name. */
    type PrintedHeader =
      | string
      | PrintedAddress
      | PrintedAddress[]
      | PrintedVia[]
      | Record<string, string>[]
      | { seq: number; method: string };

    interface PrintedMessage {
      /** Request, where `status` is absent. */
      method?: string;
      uri?: string;
      status?: number;
      reason?: string;
      version: string;
      headers: Record<string, PrintedHeader>;
      content: string;
    }
  }

  const sip: {
    /** Escapes nothing. Sets `headers["content-length"]` of its argument to the length of `content`. */
    stringify(message: sip.PrintedMessage): string;
    /** Unfit to read the network (docs/decisions/0005-own-parser-sip-package-printer.md): for comparison only. */
    parse(text: string): sip.PrintedMessage;
  };
  export default sip;
}
