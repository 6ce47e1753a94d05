/** What the engine itself tells of when audio came, in the traces of a call whose time is virtual. */
import t from "tap";
import { seconds } from "../../ts/core/brand.js";
import type { ChannelStatistics } from "../../ts/rtp/media-service.js";
import { NO_PACKETS } from "../../ts/testing/fake-media-channel.js";
import { MediaBench, remoteOf } from "../rtp/support/media-bench.js";
import { talking } from "../support/pbx-bench.js";
import { TracedBench } from "./support/traced-bench.js";

/** Places of the channels in the order they are opened. */
const BOB = 0;
const ALICE = 1;

t.test(
  "no RTP from alice for 8 s after the answer, and then it comes, from where it was learnt",
  async (t) => {
    const media = await MediaBench.start(t);
    const phones = { alice: await media.phone(), bob: await media.phone(), behindNat: await media.phone() };
    const channels = {
      alice: await media.open(remoteOf(phones.alice, "PCMU")),
      bob: await media.open(remoteOf(phones.bob, "PCMA")),
    };
    await media.service.execute({ type: "mix", uuid: channels.alice.uuid, other: channels.bob.uuid });
    let figures: readonly ChannelStatistics[] = [NO_PACKETS, NO_PACKETS];
    /** The engine's own, of now. */
    const measured = async (isEnough: () => boolean): Promise<void> => {
      do {
        const of = async ({ uuid }: { readonly uuid: string }): Promise<ChannelStatistics> =>
          media.service.execute({ type: "statistics", uuid });
        figures = [await of(channels.bob), await of(channels.alice)];
      } while (!isEnough());
    };
    const traced = await new TracedBench({ figures: (index) => figures[index] ?? NO_PACKETS }).started();
    await traced.bench.flow(t, talking, []);

    const speech = new Uint8Array(160);
    await phones.bob.send({ payloadType: 8, sequence: 1, payload: speech }, channels.bob.port);
    await measured(() => figures[BOB]?.heard !== undefined);
    t.equal(figures[ALICE]?.heard, undefined, "the engine has heard nobody, and says nothing");
    const [first] = traced.traces.list().calls;
    const answer = first?.answer ?? 0;
    await traced.bench.clock.advance(seconds(8));
    const silent = await traced.trace();
    t.match(
      silent.findings.find(({ rule }) => rule === "no-rtp"),
      { leg: 0, severity: "failure", text: /^No RTP from alice for \d+ s after the answer\.$/ },
    );
    t.match(
      silent.findings.find(({ rule }) => rule === "one-way-audio"),
      { text: "One-way audio: bob was heard, alice was not." },
    );
    t.strictSame(
      silent.media.filter(({ type }) => type === "first-packet").map(({ leg }) => leg),
      [1],
    );

    // From another port than was signalled: three in a row are believed.
    for (let sequence = 1; sequence <= 4; ++sequence) {
      await phones.behindNat.send({ sequence, payload: speech }, channels.alice.port);
    }
    await measured(() => (figures[ALICE]?.received.packets ?? 0) >= 2);
    await traced.bench.clock.advance(seconds(2));
    const heard = await traced.trace();
    const { port } = phones.behindNat.address;
    t.match(
      heard.media.filter(
        ({ leg, type }) => leg === 0 && (type === "first-packet" || type === "source-learnt"),
      ),
      [
        { text: `first RTP, from 127.0.0.1:${String(port)}` },
        { text: new RegExp(`^RTP comes from 127.0.0.1:${String(port)}, `) },
      ],
    );
    t.match(
      heard.findings.find(({ rule }) => rule === "late-audio"),
      { leg: 0, severity: "warning", text: /^The first RTP from alice came \d+ s after the answer/ },
    );
    t.ok(
      heard.media.every(({ type, leg, at }) => type !== "first-packet" || leg !== 0 || at >= answer + 8000),
    );
    t.notOk(heard.findings.some(({ rule }) => rule === "no-rtp" || rule === "one-way-audio"));
  },
);
