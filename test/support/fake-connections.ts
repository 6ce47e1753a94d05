export * from "../../ts/testing/fake-connections.js";
