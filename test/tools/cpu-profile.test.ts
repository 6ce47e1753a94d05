import t from "tap";
// @ts-expect-error: a tool, in plain JavaScript
import { hottest, profileText } from "../../tools/cpu-profile.mjs";

interface Row {
  readonly name: string;
  readonly where: string;
  readonly millis: number;
  readonly share: number;
}

const node = (id: number, functionName: string, url = "", lineNumber = 0): object => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

await t.test("time of its own by function, idle time left out", (t) => {
  const rows = (hottest as (profile: object) => readonly Row[])({
    nodes: [
      node(1, "(root)"),
      node(2, "parse", "file:///a/ts/sip/message/parse.ts", 41),
      node(3, "(idle)"),
      node(4, "", "file:///a/ts/cli.ts", 6),
      node(5, "parse", "file:///a/ts/sip/message/parse.ts", 41),
    ],
    samples: [2, 3, 4, 5, 1],
    timeDeltas: [0, 1000, 50_000, 1000, 2000],
  });
  t.same(rows, [
    { name: "parse", where: "sip/message/parse.ts:42", millis: 3, share: 0.75 },
    { name: "(anonymous)", where: "a/ts/cli.ts:7", millis: 1, share: 0.25 },
    { name: "(root)", where: "", millis: 0, share: 0 },
  ]);
  const text = (profileText as (rows: readonly Row[], most: number) => string)(rows, 1);
  t.match(text, /^ 75\.0 % +3 ms {2}parse +sip\/message\/parse\.ts:42$/);
  t.end();
});
