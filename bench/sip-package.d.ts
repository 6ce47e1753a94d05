/** The `sip` package has no typings. These cover what bench/ compares ours with. */
declare module "sip" {
  interface SipPackageMessage {
    headers: Record<string, unknown>;
  }

  const sip: {
    stringify(message: SipPackageMessage): string;
    parse(text: string): SipPackageMessage;
  };
  export default sip;
}
