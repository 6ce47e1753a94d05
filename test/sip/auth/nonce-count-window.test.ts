import fc from "fast-check";
import t from "tap";
import { NonceCountWindow, WINDOW_COUNTS } from "../../../ts/sip/auth/nonce-count-window.js";

t.test("each count is taken once", (t) => {
  const window = new NonceCountWindow();
  t.equal(window.take(1), true);
  t.equal(window.take(1), false);
  t.equal(window.take(2), true);
  t.equal(window.take(1), false);
  t.end();
});

t.test("reordered counts are taken", (t) => {
  const window = new NonceCountWindow();
  for (const count of [3, 1, 5, 2, 4]) t.equal(window.take(count), true, `count ${count}`);
  for (const count of [1, 2, 3, 4, 5]) t.equal(window.take(count), false, `count ${count} again`);
  t.end();
});

t.test("a client may begin anywhere, 0 and the last one included", (t) => {
  t.equal(new NonceCountWindow().take(0), true);
  t.equal(new NonceCountWindow().take(2), true);
  const last = new NonceCountWindow();
  t.equal(last.take(0xffff_ffff), true);
  t.equal(last.take(0xffff_ffff), false);
  t.end();
});

t.test("the window ends where it says", (t) => {
  const window = new NonceCountWindow();
  window.take(1000);
  t.equal(window.take(1000 - WINDOW_COUNTS + 1), true, "the oldest inside");
  t.equal(window.take(1000 - WINDOW_COUNTS), false, "one too old");
  t.equal(window.take(1000 + WINDOW_COUNTS), true, "a leap over the whole window");
  t.equal(window.take(1000), false, "what it left behind is too old");
  t.equal(window.take(1001), true, "what it leapt over is still open");
  t.end();
});

t.test("against a set of everything seen", (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }), (counts) => {
      const window = new NonceCountWindow();
      const seen = new Set<number>();
      let newest = -1;
      for (const count of counts) {
        const expected = !seen.has(count) && count > newest - WINDOW_COUNTS;
        if (window.take(count) !== expected) return false;
        if (expected) seen.add(count);
        newest = Math.max(newest, expected ? count : newest);
      }
      return true;
    }),
  );
  t.end();
});
