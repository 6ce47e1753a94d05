// Prints a block of code of README.md: the one that is marked `<!-- try: name -->`, or the first one of a language.
//
//   node tools/readme-block.mjs <name | first ts>
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [name = "", language] = process.argv.slice(2);
const pattern =
  name === "first"
    ? new RegExp("^```" + language + "\\n([\\s\\S]*?)^```", "m")
    : new RegExp(`^<!-- try: ${name} -->\\n\\n\`\`\`sh\\n([\\s\\S]*?)^\`\`\``, "m");
const [, block] = pattern.exec(text) ?? [];
if (block === undefined) {
  console.error(`README.md has no block ${process.argv.slice(2).join(" ")}`);
  process.exit(1);
}
process.stdout.write(block);
