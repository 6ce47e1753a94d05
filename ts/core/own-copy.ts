/**
 * The same text in memory of its own. Engines keep a piece cut from a text as a view of the whole, so that a name kept
 * for hours would keep the message it came in; what stays longer than its message is copied.
 */
export const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
