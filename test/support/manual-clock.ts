export * from "../../ts/testing/manual-clock.js";
