/** What traces must never show. */
import fc from "fast-check";
import t from "tap";
import { withoutSecrets } from "../../ts/trace/secrets.js";

const message = (headers: readonly string[], body = ""): string =>
  `INVITE sip:bob@example.org SIP/2.0\r\n${headers.join("\r\n")}\r\n\r\n${body}`;

t.test("of credentials, who and where stay; the proof goes", (t) => {
  const text = withoutSecrets(
    message([
      'Authorization: Digest username="alice", realm="example.org", nonce="n", uri="sip:x", response="6629fae49393a05397450978507c4ef1"',
      "proxy-authorization : digest RESPONSE=abc123, username=alice",
      "Authorization: Bearer secret-token",
      'Authentication-Info: rspauth="deadbeef", nc=00000001',
    ]),
  );
  t.match(text, 'username="alice", realm="example.org", nonce="n", uri="sip:x", response="removed"');
  t.match(
    text,
    'proxy-authorization: digest response="removed", username=alice'.replace("response", "RESPONSE"),
  );
  t.match(text, "Authorization: Bearer removed");
  for (const secret of ["6629fae4", "abc123", "secret-token", "deadbeef"]) t.notMatch(text, secret);
  t.end();
});

t.test("a folded header is one header", (t) => {
  const text = withoutSecrets(
    message(['Authorization: Digest username=a,\r\n response=\r\n\t"cafe"', "To: <sip:x>"]),
  );
  t.notMatch(text, "cafe");
  t.match(text, "To: <sip:x>");
  t.end();
});

t.test("keys of media, passwords in URIs, and headers whose names speak of secrets", (t) => {
  const text = withoutSecrets(
    message(
      [
        "From: <sip:alice:hunter2@example.org>;tag=1",
        "X-Api-Key: 12345",
        "Cookie: session=67890",
        "Refer-To: <sip:x@y?Authorization=Basic%20Zm9v&Replaces=1>",
        "Content-Type: application/sdp",
      ],
      "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1j|2^20\r\nk=clear:opensesame\r\na=ice-pwd:asd88fgp\r\na=key-mgmt:mikey AQAFgM0X\r\nm=audio 1 RTP/AVP 0\r\n",
    ),
  );
  for (const secret of ["hunter2", "12345", "67890", "Zm9v", "WVNf", "opensesame", "asd88", "AQAF"])
    t.notMatch(text, secret);
  t.match(text, "<sip:alice:removed@example.org>;tag=1");
  t.match(text, "Replaces=1");
  t.match(text, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:removed");
  t.match(text, "m=audio 1 RTP/AVP 0");
  t.end();
});

t.test("what people write or type to each other is not shown", (t) => {
  t.match(
    withoutSecrets(message(["Content-Type: application/dtmf-relay"], "Signal=7\r\nDuration=160\r\n")),
    /\[24 octets of application\/dtmf-relay, not shown\]$/,
  );
  t.match(withoutSecrets(message(["X: y"], "PIN 1234")), /\[8 octets of no named type, not shown\]$/);
  t.match(withoutSecrets(message(["c: message/sipfrag"], "SIP/2.0 200 OK")), /SIP\/2\.0 200 OK$/);
  t.end();
});

t.test("whatever stands around it, a digest's response never comes through", (t) => {
  const part = fc
    .string({ unit: "binary-ascii", maxLength: 12 })
    .map((text) => text.replace(/[\r\n"\\]/g, ""));
  fc.assert(
    fc.property(part, part, fc.constantFrom("", " ", "\r\n "), (before, after, space) => {
      const header = `Authorization: Digest a="${before}", response${space}=${space}"0123456789abcdef", b="${after}"`;
      return !withoutSecrets(message([header])).includes("0123456789abcdef");
    }),
  );
  t.end();
});
