/**
 * A thousand ports of this process's own, more or less: below those that systems hand out by themselves, and chosen
 * by the process number, so that test files side by side seldom meet.
 */
export const testPort = (offset: number): number => 20000 + (process.pid % 12) * 1000 + offset;
