export * from "../../ts/testing/fake-media-service.js";
