/**
 * What a server may answer to each torture message that comes by UDP, and what ours does. A refusal to read is in
 * manifest.ts as well; the others are decided above the parser: by digest, by method, by Require, by scheme.
 */
export type Answer = number | "2xx" | "3xx" | "none";

export interface TortureAnswer {
  readonly file: string;
  /** By the RFC's text; a server that asks everybody for credentials may do that first. */
  readonly allowed: readonly Answer[];
  /** To somebody who has not shown credentials. */
  readonly stranger: Answer;
  /** To a peer that needs none. There is no control, so that a call finds nobody: 480. */
  readonly trusted: Answer;
}

export const ANSWERS: readonly TortureAnswer[] = [
  {
    file: "rfc4475/wsinv.dat",
    allowed: ["2xx", "3xx", 401, 403, 404, 407, 480, 481, 486, 488],
    stranger: 481,
    trusted: 481,
  },
  { file: "rfc4475/intmeth.dat", allowed: [405, 501, 401, 407, 404], stranger: 501, trusted: 501 },
  { file: "rfc4475/esc01.dat", allowed: ["2xx", 401, 404, 407, 480, 488], stranger: 401, trusted: 480 },
  { file: "rfc4475/escnull.dat", allowed: ["2xx", 401, 404, 403], stranger: 401, trusted: 404 },
  { file: "rfc4475/esc02.dat", allowed: [405, 501, 401, 407, 404], stranger: 501, trusted: 501 },
  { file: "rfc4475/lwsdisp.dat", allowed: ["2xx", 401, 404, 407, 486], stranger: 401, trusted: 200 },
  { file: "rfc4475/longreq.dat", allowed: ["2xx", 401, 404, 407, 480, 488], stranger: 401, trusted: 480 },
  { file: "rfc4475/dblreq.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  { file: "rfc4475/semiuri.dat", allowed: ["2xx", 401, 404, 407], stranger: 401, trusted: 200 },
  { file: "rfc4475/transports.dat", allowed: ["2xx", 401, 404, 407], stranger: 401, trusted: 200 },
  // Of a trusted server, to a user without a phone: control takes it.
  {
    file: "rfc4475/mpart01.dat",
    allowed: ["2xx", 401, 404, 405, 407, 415, 501],
    stranger: 401,
    trusted: 202,
  },
  { file: "rfc4475/unreason.dat", allowed: ["none"], stranger: "none", trusted: "none" },
  { file: "rfc4475/noreason.dat", allowed: ["none"], stranger: "none", trusted: "none" },
  { file: "rfc4475/badinv01.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/clerr.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/ncl.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/scalar02.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/scalarlg.dat", allowed: ["none"], stranger: "none", trusted: "none" },
  { file: "rfc4475/quotbal.dat", allowed: [400], stranger: 400, trusted: 400 },
  {
    file: "rfc4475/ltgtruri.dat",
    allowed: [400, "2xx", 401, 404, 407, 480, 488],
    stranger: 400,
    trusted: 400,
  },
  { file: "rfc4475/lwsruri.dat", allowed: [400], stranger: 400, trusted: 400 },
  {
    file: "rfc4475/lwsstart.dat",
    allowed: [400, "2xx", 401, 404, 407, 480, 488],
    stranger: 400,
    trusted: 400,
  },
  { file: "rfc4475/trws.dat", allowed: [400, "2xx", 401, 404, 407], stranger: 400, trusted: 400 },
  {
    file: "rfc4475/escruri.dat",
    allowed: [400, "2xx", 401, 404, 407, 480, 488],
    stranger: 400,
    trusted: 400,
  },
  {
    file: "rfc4475/baddate.dat",
    allowed: [400, "2xx", 401, 404, 407, 480, 488],
    stranger: 401,
    trusted: 480,
  },
  { file: "rfc4475/regbadct.dat", allowed: [400, "2xx", 401, 403, 404], stranger: 400, trusted: 400 },
  { file: "rfc4475/badaspec.dat", allowed: [400, "2xx", 401, 404, 407], stranger: 400, trusted: 400 },
  { file: "rfc4475/baddn.dat", allowed: [400, "2xx", 401, 404, 407], stranger: 400, trusted: 400 },
  { file: "rfc4475/badvers.dat", allowed: [505], stranger: 505, trusted: 505 },
  { file: "rfc4475/mismatch01.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/mismatch02.dat", allowed: [400, 501, 405], stranger: 400, trusted: 400 },
  { file: "rfc4475/bigcode.dat", allowed: ["none"], stranger: "none", trusted: "none" },
  { file: "rfc4475/badbranch.dat", allowed: [400, "2xx", 401, 404, 407], stranger: 401, trusted: 200 },
  { file: "rfc4475/insuf.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/unkscm.dat", allowed: [416, 401, 404, 407], stranger: 416, trusted: 416 },
  { file: "rfc4475/novelsc.dat", allowed: [416, 401, 404, 407], stranger: 416, trusted: 416 },
  { file: "rfc4475/unksm2.dat", allowed: [400, 401, 403, 404, 416], stranger: 401, trusted: 404 },
  { file: "rfc4475/bext01.dat", allowed: [420], stranger: 420, trusted: 420 },
  { file: "rfc4475/invut.dat", allowed: [415, 401, 404, 407], stranger: 415, trusted: 415 },
  { file: "rfc4475/regaut01.dat", allowed: [401, 403, 404, "2xx"], stranger: 401, trusted: 404 },
  { file: "rfc4475/multi01.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/mcl01.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc4475/bcast.dat", allowed: ["none"], stranger: "none", trusted: "none" },
  { file: "rfc4475/zeromf.dat", allowed: [483, "2xx", 401, 404, 407], stranger: 401, trusted: 200 },
  { file: "rfc4475/cparam01.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  { file: "rfc4475/cparam02.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  { file: "rfc4475/regescrt.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  { file: "rfc4475/sdp01.dat", allowed: [406, 400, 401, 404, 407], stranger: 406, trusted: 406 },
  { file: "rfc4475/inv2543.dat", allowed: ["2xx", 401, 404, 407, 480, 488], stranger: 401, trusted: 480 },
  { file: "rfc5118/ipv6-good.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  { file: "rfc5118/ipv6-bad.dat", allowed: [400], stranger: 400, trusted: 400 },
  { file: "rfc5118/port-ambiguous.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  { file: "rfc5118/port-unambiguous.dat", allowed: ["2xx", 401, 403, 404], stranger: 401, trusted: 404 },
  {
    file: "rfc5118/via-received-param-with-delim.dat",
    allowed: [481, 401, 404, 407],
    stranger: 481,
    trusted: 481,
  },
  {
    file: "rfc5118/via-received-param-no-delim.dat",
    allowed: ["2xx", 401, 404, 407],
    stranger: 401,
    trusted: 200,
  },
  { file: "rfc5118/ipv6-in-sdp.dat", allowed: ["2xx", 401, 404, 407, 480, 488], stranger: 401, trusted: 480 },
  { file: "rfc5118/mult-ip-in-header.dat", allowed: [481, 401, 404, 407], stranger: 481, trusted: 481 },
  {
    file: "rfc5118/mult-ip-in-sdp.dat",
    allowed: ["2xx", 401, 404, 407, 480, 488],
    stranger: 401,
    trusted: 480,
  },
  {
    file: "rfc5118/ipv4-mapped-ipv6.dat",
    allowed: ["2xx", 401, 404, 407, 480, 488],
    stranger: 401,
    trusted: 480,
  },
  {
    file: "rfc5118/ipv6-bug-abnf-3-colons.dat",
    allowed: ["2xx", 401, 404, 407],
    stranger: 401,
    trusted: 200,
  },
  {
    file: "rfc5118/ipv6-correct-abnf-2-colons.dat",
    allowed: ["2xx", 401, 404, 407],
    stranger: 401,
    trusted: 200,
  },
  { file: "rfc4475/test.dat", allowed: [400, "none"], stranger: "none", trusted: "none" },
];
