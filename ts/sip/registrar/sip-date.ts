import { epochSeconds, type EpochMillis } from "../../core/brand.js";

const DAY_SECONDS = 86_400;
/** 400 Gregorian years, after which the calendar repeats. */
const ERA_DAYS = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_EPOCH = 719_468;

// 1970-01-01 was a Thursday.
const WEEKDAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
/** Of a year that begins in March, so that the day of a leap year comes last. */
const MONTHS = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];

const twoDigits = (count: number): string => String(count).padStart(2, "0");

/** The value of a Date header (RFC 3261 §20.17): always GMT, from 1970 on. */
export function sipDate(instant: EpochMillis): string {
  const seconds = epochSeconds(instant);
  const days = Math.floor(seconds / DAY_SECONDS);
  const { year, month, day } = calendarDay(days);
  const inDay = seconds % DAY_SECONDS;
  const time = [inDay / 3600, (inDay / 60) % 60, inDay % 60].map((part) => twoDigits(Math.floor(part)));
  return `${WEEKDAYS[days % 7] ?? ""}, ${twoDigits(day)} ${month} ${String(year)} ${time.join(":")} GMT`;
}

/** @param days since 1970-01-01. */
function calendarDay(days: number): { year: number; month: string; day: number } {
  const sinceMarch = days + DAYS_BEFORE_EPOCH;
  const era = Math.floor(sinceMarch / ERA_DAYS);
  const dayOfEra = sinceMarch % ERA_DAYS;
  // Leap days before `dayOfEra`: one in 1,461 days, but none in 36,524, but one in 146,096.
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // Five months from March or August have 153 days: 31, 30, 31, 30, 31.
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  return {
    year: era * 400 + yearOfEra + (monthIndex >= 10 ? 1 : 0),
    month: MONTHS[monthIndex] ?? "",
    day: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
  };
}
