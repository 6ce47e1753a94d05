// Compiles the C++ programs of the media bench into build/bench, when they are older than their sources.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const root = join(folder, "../..");
const output = join(root, "build/bench");

export const payloads = join(folder, "payload");
export const programs = {
  generator: join(output, "rtp_generator"),
  floorRelay: join(output, "floor_relay"),
};

const ours = (...names) => names.map((name) => join(folder, `${name}.cpp`));
const sources = {
  generator: ours("rtp_generator", "generator", "far_ends", "flow", "payloads", "packet_mark", "server_cpu"),
  floorRelay: ours("floor_relay"),
};

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newestSource = () =>
  Math.max(...readdirSync(folder).map((name) => (/pp$/.test(name) ? changed(join(folder, name)) : 0)));

/** @throws {Error} with what the compiler says. */
export function buildPrograms() {
  for (const [name, program] of Object.entries(programs)) {
    if (changed(program) > newestSource()) continue;
    mkdirSync(dirname(program), { recursive: true });
    const compiler = process.env.CXX ?? "g++";
    const flags = ["-std=c++20", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"];
    const args = [...flags, `-I${join(root, "native")}`, ...sources[name], "-o", program];
    const { status, error, stderr } = spawnSync(compiler, args, { encoding: "utf8" });
    if (error !== undefined) throw new Error(`${compiler} can't be run: ${error.message}`);
    if (status !== 0) throw new Error(`${basename(program)} does not compile:\n${stderr}`);
  }
}
