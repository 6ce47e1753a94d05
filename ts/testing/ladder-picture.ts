export * from "../trace/ladder-picture.js";
