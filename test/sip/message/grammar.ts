/** Generators of valid SIP messages (RFC 3261 §25.1): the octets, and the fields that must be read from them. */
import fc from "fast-check";
import { ALPHANUM } from "../../../ts/sip/message/characters.js";
import type { NameAddr, Params, Via } from "../../../ts/sip/message/message.js";

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
    .array(token, { minLength: 1, maxLength: 3 })
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
    content: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
    withLength: fc.boolean(),
    trailing: fc.constantFrom("", "INVITE sip:x SIP/2.0\r\n\r\n"),
    ranks: fc.array(fc.nat(), { minLength: 11, maxLength: 11 }),
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
