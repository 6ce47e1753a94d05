import t from "tap";
import { isListKey, rowByKey, scrollFor, visibleRows } from "../../web/model/visible-rows.js";

const view = { height: 320, rowHeight: 32 };

t.test("only rows near to what is seen are made", async (t) => {
  t.same(visibleRows({ ...view, scrollTop: 0, rows: 1000 }), { first: 0, end: 18 });
  t.same(visibleRows({ ...view, scrollTop: 3200, rows: 1000 }), { first: 92, end: 118 });
  t.same(visibleRows({ ...view, scrollTop: 32_000, rows: 1000 }), { first: 992, end: 1000 });
  t.same(visibleRows({ ...view, scrollTop: 0, rows: 3 }), { first: 0, end: 3 });
  t.same(visibleRows({ ...view, scrollTop: 32_000, rows: 3 }), { first: 3, end: 3 }, "it became shorter");
  t.same(visibleRows({ ...view, scrollTop: 0, rows: 0 }), { first: 0, end: 0 });
});

t.test("keys lead from row to row, and never out of the list", async (t) => {
  t.equal(rowByKey("ArrowDown", -1, 5, 10), 0, "nothing was chosen yet");
  t.equal(rowByKey("ArrowDown", 4, 5, 10), 4);
  t.equal(rowByKey("ArrowUp", 0, 5, 10), 0);
  t.equal(rowByKey("PageDown", 0, 100, 10), 10);
  t.equal(rowByKey("PageUp", 95, 100, 10), 85);
  t.equal(rowByKey("End", 0, 100, 10), 99);
  t.equal(rowByKey("Home", 50, 100, 10), 0);
  t.ok(isListKey("Home"));
  t.notOk(isListKey("Enter"));
});

t.test("a chosen row is scrolled into sight, and no further", async (t) => {
  const at = { ...view, scrollTop: 320 };
  t.equal(scrollFor(12, at), 320, "it is in sight");
  t.equal(scrollFor(2, at), 64, "above");
  t.equal(scrollFor(20, at), 352, "below");
});
