import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Random } from "../../ts/core/random.js";
import { below } from "./seeded-random.js";

/** The messages of RFC 4475 and RFC 5118. */
export function tortureMessages(): Uint8Array[] {
  return ["rfc4475", "rfc5118"].flatMap((folder) => {
    const path = fileURLToPath(new URL(`../torture/data/${folder}/`, import.meta.url));
    return readdirSync(path).map((file) => new Uint8Array(readFileSync(path + file)));
  });
}

/** Octets that change what the ones around them mean. */
const TELLING = Array.from('\r\n \t:;,=<>"\\/@?%[]*\0\x7f\x80\xff09azSIP', (character) =>
  character.charCodeAt(0),
);

/** One to six changes: an octet replaced, put in or taken out, a piece doubled, a run put in, or the end cut off. */
export function mutate(original: Uint8Array, random: Random): Uint8Array {
  let octets = Array.from(original);
  for (let changes = 1 + below(random, 6); changes > 0; changes -= 1) {
    const at = below(random, octets.length + 1);
    const kind = below(random, 30);
    const telling = TELLING[below(random, TELLING.length)] ?? 0;
    if (kind < 6) octets[at] = below(random, 256);
    else if (kind < 15) octets.splice(at, 0, telling);
    else if (kind < 21) octets.splice(at, 1 + below(random, 8));
    else if (kind < 25) octets.splice(at, 0, ...octets.slice(at, at + below(random, 64)));
    else if (kind < 29) octets.splice(at, 0, ...new Array<number>(below(random, 32)).fill(telling));
    else octets = octets.slice(0, at);
  }
  return Uint8Array.from(octets);
}
