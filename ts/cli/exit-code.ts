/** What the process ends with: a wrong command line or configuration file; anything else that kept us from running. */
export const EXIT_USAGE = 2;
export const EXIT_FAILED = 1;
