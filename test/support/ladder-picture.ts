export * from "../../ts/testing/ladder-picture.js";
