import t from "tap";
import { dialogInfo } from "../../../ts/sip/events/dialog-info.js";
import { xmlDocument } from "../../../ts/sip/events/xml-element.js";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\r\n';

t.test("elements, attributes and text", (t) => {
  t.equal(
    xmlDocument({
      name: "a",
      attributes: { b: "1", c: undefined },
      content: [{ name: "d" }, { name: "e", content: "f" }],
    }),
    `${HEAD}<a b="1"><d/><e>f</e></a>\r\n`,
  );
  t.equal(xmlDocument({ name: "a" }), `${HEAD}<a/>\r\n`);
  t.end();
});

t.test("nothing in a value can end it, or begin anything else", (t) => {
  const text = `"/><x a='&'>\r\n\t]]>`;
  const escaped = "&quot;/&gt;&lt;x a=&apos;&amp;&apos;&gt;&#13;&#10;&#9;]]&gt;";
  t.equal(xmlDocument({ name: "a", attributes: { b: text } }), `${HEAD}<a b="${escaped}"/>\r\n`);
  t.equal(xmlDocument({ name: "a", content: text }), `${HEAD}<a>${escaped}</a>\r\n`);
  t.end();
});

t.test("what XML has no characters for is left out", (t) => {
  t.equal(
    xmlDocument({ name: "a", content: "b\0\u0007\u001b\ud800\ufffe\uffffc\ud83d\ude00" }),
    `${HEAD}<a>bc\ud83d\ude00</a>\r\n`,
  );
  t.end();
});

t.test("RFC 4235 §4.1: a dialog-info document", (t) => {
  t.equal(
    dialogInfo(
      { domain: "example.org", user: "b&b" },
      3,
      [{ id: "7", state: "early", direction: "recipient", remote: "sip:a%22@example.org" }],
      ["5"],
    ),
    `${HEAD}<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="3" state="full" entity="sip:b&amp;b@example.org">` +
      '<dialog id="7" direction="recipient"><state>early</state><remote><identity>sip:a%22@example.org</identity><target uri="sip:a%22@example.org"/></remote></dialog>' +
      '<dialog id="5"><state>terminated</state></dialog></dialog-info>\r\n',
  );
  t.end();
});
