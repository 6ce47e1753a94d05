/** Whether an address is in one of the networks of `--trust`; they were checked before. */
export { insideOf as trustedSources } from "../core/networks.js";
