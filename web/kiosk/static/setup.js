// Learning a scanner: three bursts of any label say what it types around a code, and
// how fast.
// @ts-check
import { foreign, slow } from "./burst.js";
import { valid } from "./gesture.js";
import { usual } from "./wedge.js";

/** @typedef {import("./wedge.js").Profile} Profile */

export const lessons = 3;

/** A scanner that is being learned reads with this: everything that is fast. */
export const listening = { ...usual, gap: slow, idle: 250 };

/**
 * What one burst teaches; null: there is no code of ours in it.
 * @param {import("./wedge.js").Burst} burst
 */
export function lesson(burst) {
  if (foreign(burst.text)) return null;
  for (let at = 0; at + 14 <= burst.raw.length; at++) {
    if (!valid(burst.raw.slice(at, at + 14))) continue;
    return { prefix: burst.raw.slice(0, at).replace(/\][A-Za-z][0-9A-Za-z]$/, ""), suffix: burst.raw.slice(at + 14), gaps: burst.gaps };
  }
  return null;
}

/**
 * The profile that lessons agree on; null: they do not.
 * @param {Array<NonNullable<ReturnType<typeof lesson>>>} list
 * @returns {Profile | null}
 */
export function learned(list) {
  const [first] = list;
  if (!first || list.some((l) => l.prefix !== first.prefix || l.suffix !== first.suffix)) return null;
  const gaps = list.flatMap((l) => l.gaps).sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)] ?? 0;
  const most = gaps[gaps.length - 1] ?? 0;
  return {
    prefix: first.prefix, suffix: first.suffix,
    gap: Math.min(slow, Math.max(usual.gap, Math.ceil(middle * 1.5))),
    idle: Math.min(300, Math.max(usual.idle, Math.ceil(most * 2))),
  };
}
