export * from "../../ts/testing/fake-network.js";
