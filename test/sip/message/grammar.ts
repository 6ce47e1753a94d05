/** Generators of valid SIP messages (RFC 3261 §25.1): the octets, and the fields that must be read from them. */
import fc from "fast-check";
import { ALPHANUM } from "../../../ts/sip/message/characters.js";
import type {
  AuthParams,
  NameAddr,
  Params,
  RAck,
  Replaces,
  SessionExpires,
  TargetDialog,
  ValueWithParams,
  Via,
} from "../../../ts/sip/message/message.js";

/** What stands on the wire, and what it means. */
interface Written<Value> {
  readonly wire: string;
  readonly value: Value;
}

const from = (characters: string, minLength = 1, maxLength = 12): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength });

const token = from(ALPHANUM + "-.!%*_+`'~");
const digits = (max: number): fc.Arbitrary<Written<number>> =>
  fc
    .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: 3 }))
    .map(([value, zeros]) => ({ wire: "0".repeat(zeros) + String(value), value }));

/** Optional and mandatory white space, folds included. */
const sws = fc.constantFrom("", "", "", " ", "\t", "  ", "\r\n ", " \r\n\t ");
const lws = fc.constantFrom(" ", " ", "\t", "   ", "\r\n ", " \r\n \t");

const separator = (character: string): fc.Arbitrary<string> =>
  fc.tuple(sws, sws).map(([before, after]) => before + character + after);

/** Any case of the letters of `text`. */
const anyCase = (text: string): fc.Arbitrary<string> => fc.mixedCase(fc.constant(text));

const quoted: fc.Arbitrary<Written<string>> = fc
  .array(
    fc.oneof(
      from(ALPHANUM + " \t!#$%&'()*+,-./:;<=>?@[]^_`{|}~\x80\xff", 1, 4).map((text) => ({
        wire: text,
        value: text,
      })),
      fc
        .integer({ min: 0, max: 0x7f })
        .filter((code) => code !== 0x0a && code !== 0x0d)
        .map((code) => ({ wire: "\\" + String.fromCharCode(code), value: String.fromCharCode(code) })),
    ),
    { maxLength: 6 },
  )
  .map((parts) => ({
    wire: `"${parts.map((part) => part.wire).join("")}"`,
    value: parts.map((part) => part.value).join(""),
  }));

const host = fc.oneof(
  fc.tuple(from(ALPHANUM), from("abcxyzABC", 2, 6)).map(([label, top]) => `${label}.${top}`),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);

const port = fc.integer({ min: 0, max: 65_535 });

const hex = fc.integer({ min: 0, max: 255 }).map((code) => `%${code.toString(16).padStart(2, "0")}`);
const userPart = fc
  .array(fc.oneof(from(ALPHANUM + "-_.!~*'()&=+$,;?/", 1, 4), hex), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(""));

/** Names differ, in any case (RFC 3261 §7.3.1). */
const paramNames = fc.uniqueArray(token, { maxLength: 4, selector: (name) => name.toLowerCase() });

const params: fc.Arbitrary<Written<Params>> = paramNames.chain((names) =>
  fc
    .tuple(
      ...names.map((name) =>
        fc
          .tuple(
            separator(";"),
            separator("="),
            fc.option(
              fc.oneof(
                token,
                host,
                quoted.map((text) => text.wire),
              ),
            ),
          )
          .map(([semicolon, equals, value]) => ({
            wire: semicolon + name + (value === null ? "" : equals + value),
            entry: [name.toLowerCase(), value] as const,
          })),
      ),
    )
    .map((list) => ({
      wire: list.map((param) => param.wire).join(""),
      value: Object.fromEntries(list.map((param) => param.entry)),
    })),
);

/** As a Request-URI may be: without a headers part (RFC 3261 §19.1.1). */
const requestUri = fc
  .tuple(
    fc.constantFrom("sip:", "sips:", "SIP:"),
    fc.option(userPart),
    host,
    fc.option(port),
    fc.constantFrom("", ";lr", ";transport=udp;x=%41", ";maddr=[::1]"),
  )
  .map(
    ([scheme, user, at, number, uriParams]) =>
      scheme +
      (user === null ? "" : `${user}@`) +
      at +
      (number === null ? "" : `:${String(number)}`) +
      uriParams,
  );

const sipUri = fc
  .tuple(requestUri, fc.constantFrom("", "?a=b", "?subject=x%20y&to=z"))
  .map(([address, headers]) => address + headers);

const uri = fc.oneof(
  { weight: 4, arbitrary: sipUri },
  { weight: 1, arbitrary: fc.constantFrom("tel:+1-201-555-0123", "isbn:2983792873", "http://a/b?c;d,e") },
);

const displayName: fc.Arbitrary<Written<string | undefined>> = fc.oneof(
  fc.constant({ wire: "", value: undefined }),
  fc.tuple(quoted, sws).map(([text, space]) => ({ wire: text.wire + space, value: text.value })),
  fc
    // The octets above 0x7f are UTF-8 here and there, and Latin-1 elsewhere: all are kept.
    .array(fc.oneof(token, from(ALPHANUM + "\xc3\xbc\xff", 1, 6)), { minLength: 1, maxLength: 3 })
    .map((words) => ({ wire: words.join(" ") + " ", value: words.join(" ") })),
);

const bareUri = fc
  .tuple(fc.constantFrom("sip:", "sips:"), from(ALPHANUM), host)
  .map(([scheme, user, at]) => `${scheme}${user}@${at}`);

const nameAddr: fc.Arbitrary<Written<NameAddr>> = fc.oneof(
  fc.tuple(displayName, uri, params).map(([name, address, list]) => ({
    wire: `${name.wire}<${address}>${list.wire}`,
    value: { ...(name.value === undefined ? {} : { name: name.value }), uri: address, params: list.value },
  })),
  fc.tuple(bareUri, params).map(([address, list]) => ({
    wire: address + list.wire,
    value: { uri: address, params: list.value },
  })),
);

const via: fc.Arbitrary<Written<Via>> = fc
  .tuple(
    separator("/"),
    separator("/"),
    fc.constantFrom("UDP", "tcp", "TLS", "SCTP", "x-other"),
    lws,
    host,
    fc.option(fc.tuple(separator(":"), fc.integer({ min: 1, max: 65_535 }))),
    params,
  )
  .map(([first, second, protocol, space, at, colonPort, list]) => ({
    wire:
      `SIP${first}2.0${second}${protocol}${space}${at}` +
      (colonPort === null ? "" : colonPort[0] + String(colonPort[1])) +
      list.wire,
    value: {
      version: "2.0",
      protocol: protocol.toUpperCase(),
      host: at.toLowerCase(),
      ...(colonPort === null ? {} : { port: colonPort[1] }),
      params: list.value,
    },
  }));

/** One or more values on as many header lines as the generator likes. */
function listOf<Value>(
  names: readonly string[],
  item: fc.Arbitrary<Written<Value>>,
): fc.Arbitrary<Written<Value[]>> {
  const line = fc
    .tuple(headerName(names), fc.array(fc.tuple(item, separator(",")), { minLength: 1, maxLength: 3 }))
    .map(([name, items]) => ({
      wire: name + items.map(([written, comma], index) => (index === 0 ? "" : comma) + written.wire).join(""),
      value: items.map(([written]) => written.value),
    }));
  return fc.array(line, { minLength: 1, maxLength: 2 }).map((lines) => ({
    wire: lines.map((written) => written.wire).join("\r\n"),
    value: lines.flatMap((written) => written.value),
  }));
}

function oneOf<Value>(
  names: readonly string[],
  item: fc.Arbitrary<Written<Value>>,
): fc.Arbitrary<Written<Value>> {
  return fc.tuple(headerName(names), item).map(([name, { wire, value }]) => ({ wire: name + wire, value }));
}

/** A name in any case, full or compact, and its colon. */
function headerName(names: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...names).chain(anyCase), fc.constantFrom("", "", " ", "\t"), sws)
    .map(([name, before, after]) => `${name}${before}:${after}`);
}

/** A value and its parameters. */
const withParams = (value: fc.Arbitrary<string>): fc.Arbitrary<Written<ValueWithParams>> =>
  fc.tuple(value, params).map(([text, list]) => ({
    wire: text + list.wire,
    value: { value: text, params: list.value },
  }));

/** `name = value` of Digest: quoted or a token, in any order; names are known and others. */
const authParams: fc.Arbitrary<Written<AuthParams>> = fc
  .tuple(
    fc.constantFrom("Digest", "digest", "X-Other"),
    fc.uniqueArray(fc.oneof(fc.constantFrom("username", "realm", "nonce", "qop", "nc", "uri"), token), {
      minLength: 1,
      maxLength: 5,
      selector: (name) => name.toLowerCase(),
    }),
    fc.array(
      fc.oneof(
        quoted,
        token.map((text) => ({ wire: text, value: text })),
      ),
      { minLength: 5, maxLength: 5 },
    ),
    separator(","),
    separator("="),
  )
  .filter(([, names]) => !names.some((name) => ["scheme", "token68"].includes(name.toLowerCase())))
  .map(([scheme, names, values, comma, equals]) => ({
    wire: `${scheme} ${names.map((name, index) => name + equals + (values[index]?.wire ?? "")).join(comma)}`,
    value: {
      scheme,
      ...Object.fromEntries(names.map((name, index) => [name.toLowerCase(), values[index]?.value ?? ""])),
    },
  }));

const plain = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Written<Value>> =>
  arbitrary.map((value) => ({ wire: String(value), value }));

const tag = from(ALPHANUM, 1, 8);
const dialogCallId = from(ALPHANUM + "-.@", 1, 12);

const replaces: fc.Arbitrary<Written<Replaces>> = fc
  .tuple(dialogCallId, tag, tag, fc.boolean(), separator(";"), fc.boolean())
  .map(([id, toTag, fromTag, earlyOnly, semicolon, isToFirst]) => {
    const tags = [`to-tag=${toTag}`, `from-tag=${fromTag}`];
    return {
      wire: [id, ...(isToFirst ? tags : tags.reverse()), ...(earlyOnly ? ["early-only"] : [])].join(
        semicolon,
      ),
      value: { callId: id, toTag, fromTag, earlyOnly },
    };
  });

const targetDialog: fc.Arbitrary<Written<TargetDialog>> = fc
  .tuple(dialogCallId, fc.option(tag), fc.option(tag), separator(";"))
  .map(([callId, localTag, remoteTag, semicolon]) => ({
    wire:
      callId +
      (localTag === null ? "" : `${semicolon}local-tag=${localTag}`) +
      (remoteTag === null ? "" : `${semicolon}Remote-Tag=${remoteTag}`),
    value: {
      callId,
      ...(localTag === null ? {} : { localTag }),
      ...(remoteTag === null ? {} : { remoteTag }),
    },
  }));

const sessionExpires: fc.Arbitrary<Written<SessionExpires>> = fc
  .tuple(digits(2 ** 32 - 1), fc.option(fc.constantFrom("uac", "uas")), separator(";"), separator("="))
  .map(([delta, refresher, semicolon, equals]) => ({
    wire: delta.wire + (refresher === null ? "" : `${semicolon}Refresher${equals}${refresher.toUpperCase()}`),
    value: { delta: delta.value, ...(refresher === null ? {} : { refresher: refresher }) },
  }));

const rack: fc.Arbitrary<Written<RAck>> = fc
  .tuple(digits(2 ** 32 - 2), lws, digits(2 ** 31 - 1), lws, token)
  .map(([rseq, first, seq, second, method]) => ({
    wire: `${String(rseq.value + 1)}${first}${seq.wire}${second}${method}`,
    value: { rseq: rseq.value + 1, seq: seq.value, method },
  }));

const retryAfter = fc
  .tuple(digits(2 ** 32 - 1), sws, fc.constantFrom("", "(I (am) away \\))", ";duration=5", "(x) ;duration=1"))
  .map(([delta, space, rest]) => ({ wire: delta.wire + space + rest, value: delta.value }));

const privacy = fc
  .tuple(fc.array(token, { minLength: 1, maxLength: 3 }), fc.constantFrom(";", " ; ", ",", " , "))
  .map(([values, between]) => ({ wire: values.join(between), value: values }));

const mediaRange = withParams(
  fc
    .tuple(from(ALPHANUM, 1, 6), from(ALPHANUM + "*+-.", 1, 6))
    .map(([type, subtype]) => `${type}/${subtype}`),
);

/** Headers that a request may have besides, with their compact names. */
const MORE_HEADERS: readonly fc.Arbitrary<Written<unknown> & { name: string }>[] = [
  ...(
    [
      ["record-route", listOf(["record-route"], nameAddr)],
      ["path", listOf(["path"], nameAddr)],
      ["service-route", listOf(["service-route"], nameAddr)],
      ["p-asserted-identity", listOf(["p-asserted-identity"], nameAddr)],
      ["p-preferred-identity", listOf(["p-preferred-identity"], nameAddr)],
      ["remote-party-id", listOf(["remote-party-id"], nameAddr)],
      ["diversion", listOf(["diversion"], nameAddr)],
      ["history-info", listOf(["history-info"], nameAddr)],
      ["refer-to", oneOf(["refer-to", "r"], nameAddr)],
      ["referred-by", oneOf(["referred-by", "b"], nameAddr)],
      ["replaces", oneOf(["replaces"], replaces)],
      ["target-dialog", oneOf(["target-dialog"], targetDialog)],
      ["session-expires", oneOf(["session-expires", "x"], sessionExpires)],
      ["min-se", oneOf(["min-se"], digits(2 ** 32 - 1))],
      ["min-expires", oneOf(["min-expires"], digits(2 ** 32 - 1))],
      ["flow-timer", oneOf(["flow-timer"], digits(2 ** 32 - 1))],
      ["retry-after", oneOf(["retry-after"], retryAfter)],
      ["rseq", oneOf(["rseq"], plain(fc.integer({ min: 1, max: 2 ** 32 - 1 })))],
      ["rack", oneOf(["rack"], rack)],
      ["event", oneOf(["event", "o"], withParams(token))],
      ["subscription-state", oneOf(["subscription-state"], withParams(token))],
      ["content-disposition", oneOf(["content-disposition"], withParams(token))],
      ["info-package", oneOf(["info-package"], withParams(token))],
      ["recv-info", listOf(["recv-info"], withParams(token))],
      ["accept", listOf(["accept"], mediaRange)],
      ["reason", listOf(["reason"], withParams(token))],
      ["sip-etag", oneOf(["sip-etag"], plain(token))],
      ["sip-if-match", oneOf(["sip-if-match"], plain(token))],
      ["allow", listOf(["allow"], plain(token))],
      ["allow-events", listOf(["allow-events", "u"], plain(token))],
      ["require", listOf(["require"], plain(token))],
      ["proxy-require", listOf(["proxy-require"], plain(token))],
      ["unsupported", listOf(["unsupported"], plain(token))],
      ["content-encoding", listOf(["content-encoding", "e"], plain(token))],
      ["request-disposition", listOf(["request-disposition", "d"], plain(token))],
      ["privacy", oneOf(["privacy"], privacy)],
      ["authorization", oneOf(["authorization"], authParams).map(asList)],
      ["proxy-authorization", oneOf(["proxy-authorization"], authParams).map(asList)],
      ["www-authenticate", oneOf(["www-authenticate"], authParams).map(asList)],
      ["content-type", oneOf(["content-type", "c"], plain(fc.constantFrom("text/plain", "a/b;c=d")))],
      ["user-agent", oneOf(["user-agent"], plain(from(ALPHANUM + "/;(),\xc3\xa9", 1, 12)))],
      ["x-unheard-of", oneOf(["X-Unheard-Of"], plain(from(ALPHANUM + '<>;,="\xff', 1, 12)))],
    ] satisfies [string, fc.Arbitrary<Written<unknown>>][]
  ).map(([name, line]: [string, fc.Arbitrary<Written<unknown>>]) =>
    line.map((written) => ({ ...written, name })),
  ),
];

function asList<Value>({ wire, value }: Written<Value>): Written<Value[]> {
  return { wire, value: [value] };
}

const callId = from(ALPHANUM + "-.!%*_+`'~()<>:\\\"/[]?{}", 1, 20);

export interface GeneratedRequest {
  readonly wire: string;
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly content: string;
}

/** Requests with every typed kind of header, the lines in any order, folded and spaced in every legal way. */
export const requests: fc.Arbitrary<GeneratedRequest> = fc
  .record({
    method: token,
    uri: fc.oneof(requestUri, fc.constant("tel:+1-201-555-0123")),
    seq: digits(2 ** 31 - 1),
    space: lws,
    from: oneOf(["from", "f"], nameAddr),
    to: oneOf(["to", "t"], nameAddr),
    callId: oneOf(
      ["call-id", "i"],
      callId.map((text) => ({ wire: text, value: text })),
    ),
    via: listOf(["via", "v"], via),
    contact: fc.option(listOf(["contact", "m"], nameAddr)),
    route: fc.option(listOf(["route"], nameAddr)),
    "max-forwards": fc.option(oneOf(["max-forwards"], digits(255))),
    expires: fc.option(oneOf(["expires"], digits(2 ** 32 - 1))),
    supported: fc.option(
      listOf(
        ["supported", "k"],
        token.map((text) => ({ wire: text, value: text })),
      ),
    ),
    subject: fc.option(
      oneOf(
        ["subject", "s"],
        from(ALPHANUM + ";,<>:", 0, 10).map((text) => ({ wire: text, value: text })),
      ),
    ),
    more: fc.uniqueArray(fc.oneof(...MORE_HEADERS), { maxLength: 6, selector: ({ name }) => name }),
    content: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
    withLength: fc.boolean(),
    trailing: fc.constantFrom("", "INVITE sip:x SIP/2.0\r\n\r\n"),
    ranks: fc.array(fc.nat(), { minLength: 18, maxLength: 18 }),
  })
  .map((parts) => {
    const { method, seq, content } = parts;
    const lines = [
      parts.from.wire,
      parts.to.wire,
      parts.callId.wire,
      parts.via.wire,
      `CSeq:${seq.wire}${parts.space}${method}`,
    ];
    const headers: Record<string, unknown> = {
      from: parts.from.value,
      to: parts.to.value,
      "call-id": parts.callId.value,
      via: parts.via.value,
      cseq: { seq: seq.value, method },
    };
    for (const name of ["contact", "route", "max-forwards", "expires", "supported", "subject"] as const) {
      const written = parts[name];
      if (written === null) continue;
      lines.push(written.wire);
      headers[name] = written.value;
    }
    for (const { name, wire, value } of parts.more) {
      lines.push(wire);
      headers[name] = value;
    }
    if (parts.withLength) lines.push(`l: ${String(content.length)}`);
    const shuffled = lines
      .map((line, index) => ({ line, rank: parts.ranks[index] ?? 0 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ line }) => line);
    return {
      wire:
        `${method} ${parts.uri} SIP/2.0\r\n${shuffled.join("\r\n")}\r\n\r\n${content}` +
        (parts.withLength ? parts.trailing : ""),
      method,
      uri: parts.uri,
      headers,
      content,
    };
  });
