/**
 * The torture messages of RFC 4475 and RFC 5118, and what becomes of each where messages are read. Files: the
 * RFC 4475 archive byte for byte (`test` is in it, but in no section); RFC 5118 in wire form.
 */
export interface TortureRow {
  readonly file: string;
  readonly section: string;
  readonly tests: string;
  readonly expect: Outcome | { readonly either: readonly Outcome[]; readonly ours: Outcome };
}

/** A message, or a refusal that may be answered with that status (0: no answer, RFC 3261 §18.1.2). */
export type Outcome = "accepted" | { readonly refused: number };

const refused = (status: number): Outcome => ({ refused: status });

/** Where the RFC leaves the choice between 400 and being liberal. */
const either = (ours: Outcome): TortureRow["expect"] => ({ either: ["accepted", refused(400)], ours });

export const TORTURE: readonly TortureRow[] = [
  {
    file: "rfc4475/wsinv.dat",
    section: "RFC 4475 §3.1.1.1",
    tests: "white space and folds everywhere, escapes in quotes, compact names, leading zeros",
    expect: "accepted",
  },
  {
    file: "rfc4475/intmeth.dat",
    section: "RFC 4475 §3.1.1.2",
    tests: "every legal character in method, user, display name, tag",
    expect: "accepted",
  },
  {
    file: "rfc4475/esc01.dat",
    section: "RFC 4475 §3.1.1.3",
    tests: "escapes in Request-URI, To and Contact; %6C%72 is lr",
    expect: "accepted",
  },
  {
    file: "rfc4475/escnull.dat",
    section: "RFC 4475 §3.1.1.4",
    tests: "escaped NULs; two contacts",
    expect: "accepted",
  },
  {
    file: "rfc4475/esc02.dat",
    section: "RFC 4475 §3.1.1.5",
    tests: "a method is never unescaped",
    expect: "accepted",
  },
  {
    file: "rfc4475/lwsdisp.dat",
    section: "RFC 4475 §3.1.1.6",
    tests: "no space between display name and <",
    expect: "accepted",
  },
  {
    file: "rfc4475/longreq.dat",
    section: "RFC 4475 §3.1.1.7",
    tests: "34 Via values, long names and values",
    expect: "accepted",
  },
  {
    file: "rfc4475/dblreq.dat",
    section: "RFC 4475 §3.1.1.8",
    tests: "octets after the body are not the message's",
    expect: "accepted",
  },
  {
    file: "rfc4475/semiuri.dat",
    section: "RFC 4475 §3.1.1.9",
    tests: '";" and "=" in the user part',
    expect: "accepted",
  },
  {
    file: "rfc4475/transports.dat",
    section: "RFC 4475 §3.1.1.10",
    tests: "unknown transports in Via",
    expect: "accepted",
  },
  { file: "rfc4475/mpart01.dat", section: "RFC 4475 §3.1.1.11", tests: "binary body", expect: "accepted" },
  {
    file: "rfc4475/unreason.dat",
    section: "RFC 4475 §3.1.1.12",
    tests: "UTF-8 reason phrase",
    expect: "accepted",
  },
  {
    file: "rfc4475/noreason.dat",
    section: "RFC 4475 §3.1.1.13",
    tests: "empty reason phrase",
    expect: "accepted",
  },
  {
    file: "rfc4475/badinv01.dat",
    section: "RFC 4475 §3.1.2.1",
    tests: "empty parameters and list items",
    expect: refused(400),
  },
  {
    file: "rfc4475/clerr.dat",
    section: "RFC 4475 §3.1.2.2",
    tests: "Content-Length beyond the datagram",
    expect: refused(400),
  },
  {
    file: "rfc4475/ncl.dat",
    section: "RFC 4475 §3.1.2.3",
    tests: "negative Content-Length",
    expect: refused(400),
  },
  {
    file: "rfc4475/scalar02.dat",
    section: "RFC 4475 §3.1.2.4",
    tests: "CSeq, Max-Forwards and Expires out of range",
    expect: refused(400),
  },
  {
    file: "rfc4475/scalarlg.dat",
    section: "RFC 4475 §3.1.2.5",
    tests: "the same in a response: discarded",
    expect: refused(0),
  },
  {
    file: "rfc4475/quotbal.dat",
    section: "RFC 4475 §3.1.2.6",
    tests: "unterminated quoted string in To",
    expect: refused(400),
  },
  {
    file: "rfc4475/ltgtruri.dat",
    section: "RFC 4475 §3.1.2.7",
    tests: "Request-URI in <>",
    expect: either(refused(400)),
  },
  {
    file: "rfc4475/lwsruri.dat",
    section: "RFC 4475 §3.1.2.8",
    tests: "space in the Request-URI",
    expect: refused(400),
  },
  {
    file: "rfc4475/lwsstart.dat",
    section: "RFC 4475 §3.1.2.9",
    tests: "several spaces in the start line",
    expect: either(refused(400)),
  },
  {
    file: "rfc4475/trws.dat",
    section: "RFC 4475 §3.1.2.10",
    tests: "space at the end of the start line",
    expect: either(refused(400)),
  },
  {
    file: "rfc4475/escruri.dat",
    section: "RFC 4475 §3.1.2.11",
    tests: "headers part in the Request-URI: never acted on, so not accepted",
    expect: either(refused(400)),
  },
  {
    file: "rfc4475/baddate.dat",
    section: "RFC 4475 §3.1.2.12",
    tests: "Date in another zone than GMT: a text here",
    expect: either("accepted"),
  },
  {
    file: "rfc4475/regbadct.dat",
    section: "RFC 4475 §3.1.2.13",
    tests: '"?" in a URI without <>',
    expect: either(refused(400)),
  },
  {
    file: "rfc4475/badaspec.dat",
    section: "RFC 4475 §3.1.2.14",
    tests: "spaces inside <>",
    expect: either(refused(400)),
  },
  {
    file: "rfc4475/baddn.dat",
    section: "RFC 4475 §3.1.2.15",
    tests: "comma in an unquoted display name; no empty line at the end",
    expect: either(refused(400)),
  },
  { file: "rfc4475/badvers.dat", section: "RFC 4475 §3.1.2.16", tests: "SIP/7.0", expect: refused(505) },
  {
    file: "rfc4475/mismatch01.dat",
    section: "RFC 4475 §3.1.2.17",
    tests: "method of CSeq is another",
    expect: refused(400),
  },
  {
    file: "rfc4475/mismatch02.dat",
    section: "RFC 4475 §3.1.2.18",
    tests: "the same with an unknown method",
    expect: refused(400),
  },
  {
    file: "rfc4475/bigcode.dat",
    section: "RFC 4475 §3.1.2.19",
    tests: "status code 4294967301: discarded",
    expect: refused(0),
  },
  {
    file: "rfc4475/badbranch.dat",
    section: "RFC 4475 §3.2.1",
    tests: "branch is the magic cookie alone: matching falls back to RFC 2543",
    expect: either("accepted"),
  },
  {
    file: "rfc4475/insuf.dat",
    section: "RFC 4475 §3.3.1",
    tests: "no Call-ID, From, To",
    expect: refused(400),
  },
  {
    file: "rfc4475/unkscm.dat",
    section: "RFC 4475 §3.3.2",
    tests: "unknown Request-URI scheme: 416 by the transaction user",
    expect: "accepted",
  },
  { file: "rfc4475/novelsc.dat", section: "RFC 4475 §3.3.3", tests: "the same", expect: "accepted" },
  {
    file: "rfc4475/unksm2.dat",
    section: "RFC 4475 §3.3.4",
    tests: "unknown schemes in To, From, Contact",
    expect: "accepted",
  },
  {
    file: "rfc4475/bext01.dat",
    section: "RFC 4475 §3.3.5",
    tests: "unknown extensions required: 420 by the transaction user",
    expect: "accepted",
  },
  {
    file: "rfc4475/invut.dat",
    section: "RFC 4475 §3.3.6",
    tests: "unknown Content-Type: 415 by the transaction user",
    expect: "accepted",
  },
  {
    file: "rfc4475/regaut01.dat",
    section: "RFC 4475 §3.3.7",
    tests: "unknown Authorization scheme",
    expect: "accepted",
  },
  {
    file: "rfc4475/multi01.dat",
    section: "RFC 4475 §3.3.8",
    tests: "single-value headers twice",
    expect: refused(400),
  },
  {
    file: "rfc4475/mcl01.dat",
    section: "RFC 4475 §3.3.9",
    tests: "two Content-Length",
    expect: refused(400),
  },
  {
    file: "rfc4475/bcast.dat",
    section: "RFC 4475 §3.3.10",
    tests: "a second Via to the broadcast address",
    expect: "accepted",
  },
  {
    file: "rfc4475/zeromf.dat",
    section: "RFC 4475 §3.3.11",
    tests: "Max-Forwards 0: 483 by a proxy",
    expect: "accepted",
  },
  {
    file: "rfc4475/cparam01.dat",
    section: "RFC 4475 §3.3.12",
    tests: "contact parameter, no <>",
    expect: "accepted",
  },
  {
    file: "rfc4475/cparam02.dat",
    section: "RFC 4475 §3.3.13",
    tests: "URI parameter in <>",
    expect: "accepted",
  },
  {
    file: "rfc4475/regescrt.dat",
    section: "RFC 4475 §3.3.14",
    tests: "headers part in a Contact",
    expect: "accepted",
  },
  {
    file: "rfc4475/sdp01.dat",
    section: "RFC 4475 §3.3.15",
    tests: "Accept without application/sdp: 406 by the transaction user",
    expect: "accepted",
  },
  {
    file: "rfc4475/inv2543.dat",
    section: "RFC 4475 §3.4.1",
    tests: "no branch, no From tag, no Max-Forwards",
    expect: "accepted",
  },
  { file: "rfc5118/ipv6-good.dat", section: "RFC 5118 §4.1", tests: "IPv6 references", expect: "accepted" },
  {
    file: "rfc5118/ipv6-bad.dat",
    section: "RFC 5118 §4.2",
    tests: "IPv6 without brackets",
    expect: refused(400),
  },
  {
    file: "rfc5118/port-ambiguous.dat",
    section: "RFC 5118 §4.3",
    tests: "one address, no port",
    expect: "accepted",
  },
  {
    file: "rfc5118/port-unambiguous.dat",
    section: "RFC 5118 §4.4",
    tests: "port after the brackets",
    expect: "accepted",
  },
  {
    file: "rfc5118/via-received-param-with-delim.dat",
    section: "RFC 5118 §4.5",
    tests: "received with brackets",
    expect: "accepted",
  },
  {
    file: "rfc5118/via-received-param-no-delim.dat",
    section: "RFC 5118 §4.5",
    tests: "received without; the branch after it is read",
    expect: "accepted",
  },
  {
    file: "rfc5118/ipv6-in-sdp.dat",
    section: "RFC 5118 §4.6",
    tests: "IPv6 in the body",
    expect: "accepted",
  },
  {
    file: "rfc5118/mult-ip-in-header.dat",
    section: "RFC 5118 §4.7",
    tests: "Vias of both families",
    expect: "accepted",
  },
  {
    file: "rfc5118/mult-ip-in-sdp.dat",
    section: "RFC 5118 §4.8",
    tests: "both families in the body",
    expect: "accepted",
  },
  {
    file: "rfc5118/ipv4-mapped-ipv6.dat",
    section: "RFC 5118 §4.9",
    tests: "::ffff:192.0.2.2",
    expect: "accepted",
  },
  {
    file: "rfc5118/ipv6-bug-abnf-3-colons.dat",
    section: "RFC 5118 §4.10",
    tests: '":::" reads as "::"',
    expect: "accepted",
  },
  {
    file: "rfc5118/ipv6-correct-abnf-2-colons.dat",
    section: "RFC 5118 §4.10",
    tests: "the correct form of it",
    expect: "accepted",
  },
  {
    file: "rfc4475/test.dat",
    section: "RFC 4475 archive",
    tests: "in the archive, described by no section: no SIP-Version, no Via",
    expect: { either: [refused(400), refused(0)], ours: refused(0) },
  },
];
