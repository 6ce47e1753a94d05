/** Times and durations for people. */
const pad = (number: number, width = 2): string => String(number).padStart(width, "0");

/** `1:02:03`, `2:03` */
export function durationText(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = pad(seconds % 60);
  return hours > 0 ? `${String(hours)}:${pad(minutes)}:${rest}` : `${String(minutes)}:${rest}`;
}

/** `13:04:05.678`, in the browser's own time zone. */
export function clockText(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part)).join(":");
  return `${time}.${pad(date.getMilliseconds(), 3)}`;
}

/** `+0.120 s` */
export const offsetText = (millis: number): string => `+${(millis / 1000).toFixed(3)} s`;
