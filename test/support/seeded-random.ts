export * from "../../ts/testing/seeded-random.js";
