export * from "../../ts/testing/sip-text.js";
