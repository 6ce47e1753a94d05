/** The same, for whoever builds it: fields that may be absent are set one after the other, and then it is given away. */
export type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
