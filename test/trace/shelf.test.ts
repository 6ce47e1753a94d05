import t from "tap";
import { Shelf } from "../../ts/trace/shelf.js";

t.test("the oldest of what is there, though others went before it", (t) => {
  const shelf = new Shelf<string>();
  t.equal(shelf.oldest(), undefined);
  for (const item of ["a", "b", "c", "d"]) shelf.add(item);
  shelf.delete("a");
  t.equal(shelf.oldest(), "b");
  shelf.delete("b");
  t.equal(shelf.oldest("c"), "d", "but not the one that is spared");
  shelf.delete("d");
  t.equal(shelf.oldest("c"), undefined);
  t.equal(shelf.oldest(), "c");
  shelf.delete("c");
  shelf.add("e");
  t.equal(shelf.oldest(), "e", "also what came later");
  t.equal(shelf.size, 1);
  t.end();
});
