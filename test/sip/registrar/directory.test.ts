import t from "tap";
import { MediaswitchError } from "../../../ts/core/errors.js";
import { Directory, type DirectoryEntry } from "../../../ts/sip/registrar/directory.js";

const alice = { username: "alice", secret: "sa" };
const bob = { username: "bob", secret: "sb" };
const control = "http://control.test:9001/pre";

function filled(): Directory {
  const directory = new Directory();
  directory.put("example.com", { control, users: [alice, bob] });
  return directory;
}

/** Everything that can be seen of a directory, secrets included. */
function stateOf(directory: Directory): unknown {
  const domains = directory.get().domains ?? [];
  return domains.map((domain) => ({
    domain,
    ...directory.get(domain),
    algorithms: directory.algorithms(domain),
    found: directory.users(domain).map((user) => directory.find(domain, user)),
  }));
}

t.test("put replaces a domain whole", (t) => {
  const directory = new Directory();
  t.strictSame(directory.put("example.com", { control, users: [alice, bob] }), { created: true });
  t.strictSame(directory.get("example.com"), { users: ["alice", "bob"], control });
  t.strictSame(directory.put("example.com", { algorithms: ["SHA-256"], users: [bob] }), { created: false });
  t.strictSame(directory.get("example.com"), { users: ["bob"] });
  t.equal(directory.control("example.com"), undefined);
  t.equal(directory.find("example.com", "alice"), undefined);
  t.strictSame(directory.algorithms("example.com"), ["SHA-256"]);
  t.end();
});

t.test("patch adds and changes, and keeps the rest", (t) => {
  const directory = filled();
  t.strictSame(directory.patch("example.com", { users: [{ username: "bob", secret: "new" }] }), {
    created: false,
  });
  t.strictSame(directory.find("example.com", "bob"), { username: "bob", secret: "new" });
  t.strictSame(directory.find("example.com", "alice"), alice);
  t.equal(directory.control("example.com"), control);
  const carol = { username: "carol", secret: "sc" };
  t.strictSame(directory.patch("example.com", { control: "https://other.test", users: [carol] }), {
    created: true,
  });
  t.strictSame(directory.get("example.com"), {
    users: ["alice", "bob", "carol"],
    control: "https://other.test",
  });
  t.end();
});

t.test("patch may change what is offered", (t) => {
  const directory = filled();
  directory.patch("example.com", { algorithms: ["MD5", "SHA-256"], users: [] });
  t.strictSame(directory.algorithms("example.com"), ["SHA-256", "MD5"]);
  t.strictSame(directory.get("example.com"), { users: ["alice", "bob"], control }, "and nothing else");
  t.end();
});

t.test("one user: is he there?", (t) => {
  const directory = filled();
  t.strictSame(directory.get("example.com", "alice"), { users: ["alice"], control });
  t.throws(() => directory.get("example.com", "carol"), { code: "USER_UNKNOWN", field: "user" });
  t.throws(() => directory.get("example.org", "alice"), { code: "DOMAIN_UNKNOWN" });
  t.end();
});

t.test("a hundred thousand users, one by one, in no time", (t) => {
  const directory = filled();
  const began = process.cpuUsage();
  for (let index = 0; index < 100_000; index += 1) {
    directory.patch("example.com", { users: [{ username: `u${index}`, secret: "s" }] });
  }
  const { user, system } = process.cpuUsage(began);
  t.equal(directory.count("example.com"), 100_002);
  t.ok(user + system < 5_000_000, "seconds rather than hours");
  t.end();
});

t.test("domains are found in any case and with a port, users only as written", (t) => {
  const directory = filled();
  directory.put("[2001:DB8::1]:5060", { users: [alice] });
  t.strictSame(directory.find("EXAMPLE.com:5070", "alice"), alice);
  t.equal(directory.has("Example.Com"), true);
  t.equal(directory.control("EXAMPLE.COM"), control);
  t.equal(directory.has("2001:db8::1"), true);
  t.equal(directory.find("example.com", "Alice"), undefined);
  t.strictSame(directory.put("EXAMPLE.COM:5060", { users: [] }), { created: false });
  t.equal(directory.find("example.com", "alice"), undefined);
  t.end();
});

t.test("no secret leaves through get", (t) => {
  const text = JSON.stringify([filled().get(), filled().get("example.com")]);
  t.notMatch(text, /sa|sb/);
  t.match(text, /alice/, "while names do");
  t.end();
});

t.test("get lists domains, and the labels below one", (t) => {
  const directory = filled();
  directory.put("a.example.com", { users: [alice] });
  directory.put("b.a.example.com", { users: [alice] });
  directory.put("other.test", { users: [] });
  t.strictSame(directory.get(), {
    domains: ["example.com", "a.example.com", "b.a.example.com", "other.test"],
  });
  t.strictSame(directory.get("example.com"), { users: ["alice", "bob"], domains: ["a"], control });
  t.strictSame(directory.get("com"), { domains: ["example"] }, "a level without an entry of its own");
  t.strictSame(directory.get("other.test"), {}, "what is empty is left out");
  t.throws(() => directory.get("ample.com"), { code: "DOMAIN_UNKNOWN" });
  t.end();
});

t.test("delete", (t) => {
  const directory = filled();
  directory.delete("EXAMPLE.com", "alice");
  t.strictSame(directory.users("example.com"), ["bob"]);
  directory.delete("example.com", "nobody");
  t.strictSame(directory.users("example.com"), ["bob"]);
  directory.delete("example.com");
  t.equal(directory.has("example.com"), false);
  t.strictSame(directory.get(), { domains: [] });
  t.end();
});

t.test("an unknown domain is told so", (t) => {
  const directory = filled();
  const unknown = { code: "DOMAIN_UNKNOWN", field: "domain" };
  t.throws(() => directory.get("example.org"), unknown);
  t.throws(() => directory.users("example.org"), unknown);
  t.throws(() => {
    directory.delete("example.org");
  }, unknown);
  t.throws(() => {
    directory.delete("example.org", "alice");
  }, unknown);
  t.throws(() => directory.patch("example.org", { users: [alice] }), unknown);
  t.equal(directory.has("example.org"), false);
  t.strictSame(directory.algorithms("example.org"), ["MD5"]);
  t.end();
});

t.test("algorithms: MD5 unless given, strongest first, once each", (t) => {
  const directory = filled();
  t.strictSame(directory.algorithms("example.com"), ["MD5"]);
  directory.put("example.com", { algorithms: ["MD5", "SHA-256", "MD5"], users: [] });
  t.strictSame(directory.algorithms("example.com"), ["SHA-256", "MD5"]);
  directory.patch("example.com", { users: [alice] });
  t.strictSame(directory.algorithms("example.com"), ["SHA-256", "MD5"]);
  t.end();
});

t.test("who goes is told of, after the change", (t) => {
  const directory = filled();
  const gone: unknown[] = [];
  const unwatch = directory.watch({
    removed: (domain, user, had) => {
      gone.push([domain, user, had, directory.find(domain, user)]);
    },
  });
  directory.put("example.com", { control: "http://new.test", users: [bob] });
  t.strictSame(gone.splice(0), [["example.com", "alice", control, undefined]]);
  directory.delete("example.com", "nobody");
  directory.patch("example.com", { users: [alice] });
  t.strictSame(gone.splice(0), []);
  directory.delete("example.com", "alice");
  t.strictSame(gone.splice(0), [["example.com", "alice", "http://new.test", undefined]]);
  directory.delete("example.com");
  t.strictSame(gone.splice(0), [["example.com", "bob", "http://new.test", undefined]]);
  unwatch();
  directory.put("example.com", { users: [bob] });
  directory.delete("example.com");
  t.strictSame(gone, []);
  t.end();
});

const refused: readonly { why: string; entry: unknown; field: string; domain?: string }[] = [
  { why: "no users", entry: { control }, field: "users" },
  { why: "users no list", entry: { users: { alice } }, field: "users" },
  { why: "a user who is text", entry: { users: [alice, "bob"] }, field: "users[1]" },
  { why: "a user who is null", entry: { users: [null] }, field: "users[0]" },
  { why: "no username", entry: { users: [{ secret: "s" }] }, field: "users[0].username" },
  { why: "empty username", entry: { users: [{ username: "", secret: "s" }] }, field: "users[0].username" },
  {
    why: "username with a domain",
    entry: { users: [{ username: "a@b", secret: "s" }] },
    field: "users[0].username",
  },
  {
    why: "username with a line end",
    entry: { users: [{ username: "a\r\nX: y", secret: "s" }] },
    field: "users[0].username",
  },
  {
    why: "a number as username",
    entry: { users: [{ username: 1000, secret: "s" }] },
    field: "users[0].username",
  },
  { why: "a user twice", entry: { users: [alice, bob, alice] }, field: "users[2].username" },
  { why: "no secret", entry: { users: [bob, { username: "carol" }] }, field: "users[1].secret" },
  { why: "empty secret", entry: { users: [{ username: "carol", secret: "" }] }, field: "users[0].secret" },
  {
    why: "a secret and its hash",
    entry: { users: [{ username: "carol", secret: "s", ha1: { MD5: "0".repeat(32) } }] },
    field: "users[0].ha1",
  },
  { why: "an ha1 that is text", entry: { users: [{ username: "carol", ha1: "0" }] }, field: "users[0].ha1" },
  {
    why: "an ha1 of an unknown algorithm",
    entry: { users: [{ username: "carol", ha1: { SHA1: "0" } }] },
    field: "users[0].ha1.SHA1",
  },
  {
    why: "an ha1 of the wrong length",
    entry: { users: [{ username: "carol", ha1: { MD5: "0".repeat(31) } }] },
    field: "users[0].ha1.MD5",
  },
  {
    why: "an ha1 with other characters",
    entry: { users: [{ username: "carol", ha1: { MD5: "g".repeat(32) } }] },
    field: "users[0].ha1.MD5",
  },
  {
    why: "an ha1 of no algorithm that the domain offers",
    entry: { users: [alice, { username: "carol", ha1: { "SHA-256": "0".repeat(64) } }] },
    field: "users[1].ha1",
  },
  { why: "control no text", entry: { control: { host: "h", port: 1 }, users: [] }, field: "control" },
  { why: "control no URL", entry: { control: "control.test", users: [] }, field: "control" },
  { why: "control of another kind", entry: { control: "ftp://control.test", users: [] }, field: "control" },
];
const refusedByPut: typeof refused = [
  ...refused,
  { why: "no algorithm", entry: { algorithms: [], users: [] }, field: "algorithms" },
  { why: "algorithms no list", entry: { algorithms: "MD5", users: [] }, field: "algorithms" },
  { why: "unknown algorithm", entry: { algorithms: ["MD5", "MD4"], users: [] }, field: "algorithms[1]" },
  { why: "no domain", entry: { users: [] }, field: "domain", domain: "" },
  { why: "a URI as domain", entry: { users: [] }, field: "domain", domain: "sip:a@b" },
  { why: "a path as domain", entry: { users: [] }, field: "domain", domain: "a/b" },
];

function refusalOf(run: () => unknown): Pick<MediaswitchError, "code" | "field"> | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof MediaswitchError)) throw error;
    return { code: error.code, field: error.field };
  }
}

for (const { why, entry, field, domain = "example.com" } of refusedByPut) {
  t.test(`put refuses and changes nothing: ${why}`, (t) => {
    const directory = filled();
    const before = stateOf(directory);
    let told = 0;
    directory.watch({ changed: () => (told += 1), removed: () => (told += 1) });
    t.strictSame(
      refusalOf(() => directory.put(domain, entry as DirectoryEntry)),
      { code: "ARGUMENT_INVALID", field },
    );
    t.strictSame(stateOf(directory), before);
    t.equal(told, 0);
    t.strictSame(
      refusalOf(() => directory.put("new.test", entry as DirectoryEntry)),
      domain === "example.com" ? { code: "ARGUMENT_INVALID", field } : undefined,
    );
    t.equal(directory.has("new.test"), domain !== "example.com", "nor is a domain left behind");
    t.end();
  });
}
for (const { why, entry, field } of refused) {
  t.test(`patch refuses and changes nothing: ${why}`, (t) => {
    const directory = filled();
    const before = stateOf(directory);
    t.strictSame(
      refusalOf(() =>
        directory.patch("example.com", { control: "http://new.test", ...(entry as DirectoryEntry) }),
      ),
      { code: "ARGUMENT_INVALID", field },
    );
    t.strictSame(stateOf(directory), before);
    t.end();
  });
}

t.test("names that mean something to JavaScript are names", (t) => {
  const directory = new Directory();
  directory.put("constructor", { users: [{ username: "__proto__", secret: "s" }] });
  t.strictSame(directory.get("constructor"), { users: ["__proto__"] });
  t.equal(directory.find("constructor", "toString"), undefined);
  t.equal(directory.find("toString", "__proto__"), undefined);
  t.end();
});

t.test("the control that all domains have in common", (t) => {
  const directory = new Directory();
  t.equal(directory.commonControl(), undefined);
  directory.put("a.example", { users: [] });
  t.equal(directory.commonControl(), undefined, "none has one");
  directory.put("b.example", { control: "http://127.0.0.1:9001", users: [] });
  directory.put("c.example", { control: "http://127.0.0.1:9001", users: [] });
  t.equal(directory.commonControl(), "http://127.0.0.1:9001");
  directory.put("d.example", { control: "http://127.0.0.1:9101", users: [] });
  t.equal(directory.commonControl(), undefined, "two differ");
  t.end();
});
