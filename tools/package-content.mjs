/** What has to be in the package and what may not. */

const NEEDED = [
  "package.json",
  "README.md",
  "LICENSE",
  "THIRD_PARTY_NOTICES.md",
  "licenses/LGPL-2.1.txt",
  "dist/cli.js",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/page/index.html",
  "dist/page/page.js",
  "dist/page/page.css",
  "dist/page/index.html",
  "dist/page/page.css",
  "dist/page/page.js",
  "prebuilds/linux-x64/mediaswitch.glibc.node",
  // What an addon is built from where the prebuilt one does not load.
  "CMakeLists.txt",
  "binding.gyp",
  "tools/build-native.mjs",
  "native/deps/libilbc/CMakeLists.txt",
  "native/deps/libilbc/ilbc.h",
  "native/deps/libilbc/COPYING",
  "native/deps/libilbc/PATENTS",
  "native/deps/libilbc/abseil-cpp/LICENSE",
];

/** Each file of the package is one of these, so that nothing gets in by chance. */
const ALLOWED = [
  /^[A-Z_]+(\.md)?$/,
  /^(package\.json|CMakeLists\.txt|binding\.gyp)$/,
  /^dist\/[\w./-]+\.(js|d\.ts)$/,
  /^dist\/page\/(index\.html|page\.css)$/,
  /^dist\/page\/(index\.html|page\.css)$/,
  /^prebuilds\/linux-(x64|arm64)\/mediaswitch\.glibc\.node$/,
  /^native\/deps\/libilbc\//,
  /^native\/[\w/]+\.(c|cpp|hpp)$/,
  /^native\/README\.md$/,
  /^cmake\/[\w-]+\.(cmake|map)$/,
  /^tools\/(build-native|check-prebuild|stage-ilbc)\.mjs$/,
  /^examples\/[\w-]+\.ts$/,
  /^licenses\/[\w.-]+\.txt$/,
];
const SECRET = /(^|\/)(\.env|\.npmrc|\.git|id_rsa)|\.(pem|key|p12)$/;

/**
 * A line for each fault of a package that holds these files. `recipe` is the text of its CMakeLists.txt, `manifest` its
 * package.json, read.
 */
export function contentFaults(paths, { recipe, manifest }) {
  const there = new Set(paths);
  const exported = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry),
  );
  const named = [
    ...NEEDED,
    ...[...recipe.matchAll(/\bnative\/[\w/]+\.(?:cpp|c)\b/g)].map(([path]) => path),
    ...[...recipe.matchAll(/^ *include\(([\w-]+)\)/gm)].map(([, name]) => `cmake/${name}.cmake`),
    ...[...exported, ...Object.values(manifest.bin)].map((path) => path.replace(/^\.\//, "")),
  ];
  return [
    ...new Set(named.filter((path) => !there.has(path)).map((path) => `${path} is missing`)),
    ...paths
      .filter((path) => SECRET.test(path) || !ALLOWED.some((pattern) => pattern.test(path)))
      .map((path) => `${path} does not belong there`),
  ];
}
