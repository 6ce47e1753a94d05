// A registry of npm on 127.0.0.1 that has one package, a tarball of ours, and sends those who ask for others to the real
// one. So `npm install mediaswitch` can be tried before anything is published.
//
//   node tools/local-registry.mjs <tarball> <url of the real registry>     prints its own URL, and serves until it is ended
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [tarball, elsewhere] = process.argv.slice(2);
if (tarball === undefined || elsewhere === undefined) {
  console.error("usage: node tools/local-registry.mjs <tarball> <url of the real registry>");
  process.exit(2);
}
const octets = readFileSync(tarball);
const manifest = JSON.parse(
  execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" }),
);
const { name, version } = manifest;
const file = `/${name}/-/${name}-${version}.tgz`;
const integrity = `sha512-${createHash("sha512").update(octets).digest("base64")}`;

const server = createServer((request, response) => {
  const base = `http://127.0.0.1:${server.address().port}`;
  if (request.url === file) {
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(octets);
  } else if (request.url === `/${name}`) {
    const dist = { tarball: base + file, integrity };
    const versions = { [version]: { ...manifest, dist } };
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  } else {
    response.writeHead(307, { location: new URL(request.url, elsewhere).href }).end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
