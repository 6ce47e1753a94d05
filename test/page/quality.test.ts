import t from "tap";
import type { LegTrace, MediaSample } from "../../ts/trace/call-trace.js";
import { qualityOf } from "../../web/model/quality.js";

const sample = (at: number, packets: number, lost: number, more: Partial<MediaSample> = {}): MediaSample => {
  const received = { packets, octets: 0, lost, jitterMillis: 2.5, rFactor: 93, mos: 4.4 };
  return { at, received, sent: received, roundTripMillis: null, dropped: {}, ...more };
};
const leg = (from: string, samples: MediaSample[]): LegTrace => ({
  ...{ callid: from, direction: "inbound", from, to: "9", domain: "d" },
  ...{ remote: { host: "", port: 0 }, start: 0, samples },
});

t.test("each leg is a row, in seconds; who is not sampled in a second has a gap there", async (t) => {
  const { legs, plots } = qualityOf({
    legs: [
      leg("1", [sample(1000, 50, 0), sample(2010, 95, 5, { roundTripMillis: 40 })]),
      leg("2", [sample(2400, 50, 50)]),
      leg("3", []),
    ],
  });
  t.same(legs, ["1", "2"]);
  t.same(
    plots.map(({ name, data, last }) => [name, data, last]),
    [
      [
        "Jitter",
        [
          [1, 2],
          [2.5, 2.5],
          [null, 2.5],
        ],
        [2.5, 2.5],
      ],
      [
        "Loss",
        [
          [1, 2],
          [0, 10],
          [null, 50],
        ],
        [10, 50],
      ],
      [
        "Delay",
        [
          [1, 2],
          [null, 40],
          [null, null],
        ],
        [40, null],
      ],
      [
        "MOS",
        [
          [1, 2],
          [4.4, 4.4],
          [null, 4.4],
        ],
        [4.4, 4.4],
      ],
    ],
  );
});

t.test("nothing came between two samples: the loss is not known", async (t) => {
  const { plots } = qualityOf({ legs: [leg("1", [sample(1000, 50, 0), sample(2000, 50, 0)])] });
  t.same(plots[1]?.data, [
    [1, 2],
    [0, null],
  ]);
});
