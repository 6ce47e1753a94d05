import { builtinModules } from "node:module";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const TYPESCRIPT = [
  "ts/**/*.ts",
  "test/**/*.ts",
  "examples/**/*.ts",
  "bench/**/*.ts",
  "tools/**/*.ts",
  "web/**/*.ts",
];

/** Folders whose code does no input or output: time, chance and the network are arguments there. */
const SANS_IO = [
  "ts/core/**/*.ts",
  "ts/sdp/**/*.ts",
  "ts/sip/**/*.ts",
  "ts/control/**/*.ts",
  "ts/trace/**/*.ts",
];

/** The shells inside those folders, which exist to touch the outside. */
const SHELLS = [
  "ts/core/system-*.ts",
  "ts/core/hash.ts",
  "ts/core/native-addon.ts",
  "ts/sip/transport/udp.ts",
  "ts/sip/transport/socket-pipe.ts",
  "ts/sip/transport/web-socket-pipe.ts",
  "ts/sip/transport/listen-pipes.ts",
  "ts/sip/transport/dial-pipes.ts",
  "ts/sip/transport/tls-credentials.ts",
  "ts/sip/transport/sip-identity.ts",
  "ts/sip/transport/system-transports.ts",
  "ts/sip/locate/node-dns.ts",
];

/** Tests of real sockets and processes, where real time passes. */
const REAL_TIME_TESTS = [
  "test/interop/**",
  "test/acceptance/**",
  "test/soak/**",
  "test/rtp/**",
  "test/cli/**",
  "test/http/**",
  "test/door/**",
  "test/phone/**",
  "test/page/**",
  "test/projectrtp/**",
  "test/sip/transport/system-transports.test.ts",
  "test/support/manual-clock.ts",
  "test/composition/event-loop-meter.test.ts",
];

const REAL_TIMERS = ["setTimeout", "setInterval", "setImmediate"];

const globalRule = (names, message) => [
  "error",
  { globals: names.map((name) => ({ name, message })), checkGlobalObject: true },
];

const OUTSIDE_MESSAGE =
  "sans-IO: time, chance and the network are arguments here (core/clock.ts, core/random.ts).";

const sansIoRules = {
  "no-restricted-globals": globalRule(
    [
      ...REAL_TIMERS,
      "queueMicrotask",
      "Date",
      "performance",
      "process",
      "fetch",
      "Buffer",
      "crypto",
      "console",
    ],
    OUTSIDE_MESSAGE,
  ),
  "no-restricted-properties": ["error", { object: "Math", property: "random", message: OUTSIDE_MESSAGE }],
  "no-restricted-imports": [
    "error",
    {
      paths: builtinModules.map((name) => ({ name, message: OUTSIDE_MESSAGE })),
      patterns: [{ regex: "^node:", message: OUTSIDE_MESSAGE }],
    },
  ],
  "no-restricted-syntax": [
    "error",
    { selector: "ImportExpression[source.value=/^node:/]", message: OUTSIDE_MESSAGE },
    { selector: "NewExpression[callee.name='Worker']", message: OUTSIDE_MESSAGE },
  ],
};

const strictRules = {
  "@typescript-eslint/switch-exhaustiveness-check": [
    "error",
    { requireDefaultForNonUnion: false, considerDefaultExhaustiveForUnions: false },
  ],
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
  "@typescript-eslint/strict-boolean-expressions": "error",
  "@typescript-eslint/consistent-type-definitions": "off",
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  "@typescript-eslint/no-unnecessary-condition": [
    "error",
    { allowConstantLoopConditions: "only-allowed-literals" },
  ],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"] }],
  eqeqeq: "error",
  "max-lines": ["warn", { max: 400, skipBlankLines: true, skipComments: true }],
  "max-lines-per-function": ["warn", { max: 60, skipBlankLines: true, skipComments: true }],
};

/** What a test framework's shape makes noise about, without telling of a fault. */
const testRules = {
  "max-lines": "off",
  "max-lines-per-function": "off",
  "@typescript-eslint/unbound-method": "off",
  "@typescript-eslint/require-await": "off",
  "@typescript-eslint/no-empty-function": "off",
  "@typescript-eslint/no-non-null-assertion": "off",
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  // tap runs subtests in order whether or not their promise is awaited, and reports their failures itself.
  "@typescript-eslint/no-floating-promises": [
    "error",
    {
      allowForKnownSafeCalls: [
        { from: "package", package: "@tapjs/core", name: ["test", "todo", "skip", "resolves", "rejects"] },
      ],
      allowForKnownSafePromises: [{ from: "package", package: "@tapjs/core", name: "PromiseWithSubtest" }],
    },
  ],
};

const noRealWaiting = {
  "no-restricted-globals": globalRule(
    REAL_TIMERS,
    "Tests run in virtual time: test/support/manual-clock.ts.",
  ),
  "no-restricted-imports": [
    "error",
    {
      paths: ["timers", "timers/promises", "node:timers", "node:timers/promises"].map((name) => ({
        name,
        message: "Tests run in virtual time: test/support/manual-clock.ts.",
      })),
    },
  ],
};

export default defineConfig(
  globalIgnores([
    "dist/",
    "build/",
    "prebuilds/",
    "node_modules/",
    ".tap/",
    "coverage/",
    "test/torture/data/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.check.json", "./web/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: strictRules,
  },
  { files: ["test/**/*.ts"], rules: testRules },
  { files: ["test/**/*.ts"], ignores: REAL_TIME_TESTS, rules: noRealWaiting },
  { files: SANS_IO, ignores: SHELLS, rules: sansIoRules },
  {
    files: ["**/*.mjs", "**/*.cjs", "**/*.js"],
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"] }],
      eqeqeq: "error",
    },
  },
);
