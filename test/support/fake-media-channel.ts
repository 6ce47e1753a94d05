export * from "../../ts/testing/fake-media-channel.js";
