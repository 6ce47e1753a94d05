/** Cuts a text of server-sent events into events, however it arrives. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/** Takes the text as it comes. @returns a function that gives the events that each piece completes. */
export function eventReader(): (piece: string) => StreamEvent[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap(eventOf);
  };
}

function eventOf(block: string): StreamEvent[] {
  let type = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) type = line.slice("event: ".length);
    if (line.startsWith("data: ")) data.push(line.slice("data: ".length));
  }
  return data.length === 0 ? [] : [{ type, data: data.join("\n") }];
}
