/** Markup as text: htm makes preact's nodes of it. */
import { h, type VNode } from "preact";
import htm from "htm";

export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
