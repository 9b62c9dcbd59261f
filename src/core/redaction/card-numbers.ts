/**
 * Numbers of payment cards: issuer, length, grouping and the Luhn digit have to fit.
 *
 * All four, because timestamps, order numbers and ids are digits too, and one in ten has a fitting Luhn digit.
 * Layer: core. Source: ISO/IEC 7812-1; ranges as issuers publish them.
 */
import { isAlphanumeric, isDigit, isEscape } from './characters.ts';

/** First digits (lowest and highest) and length of the numbers of each issuer. */
const RANGES: readonly (readonly [from: number, to: number, digits: number])[] = [
  [4, 4, 16],
  [51, 55, 16],
  [2221, 2720, 16],
  [34, 34, 15],
  [37, 37, 15],
  [6011, 6011, 16],
  [644, 649, 16],
  [65, 65, 16],
  [300, 305, 14],
  [36, 36, 14],
  [38, 39, 14],
  [3528, 3589, 16],
  [62, 62, 16],
  [62, 62, 19],
];

/** Sizes of groups as cards are printed. */
const GROUPINGS: readonly (readonly number[])[] = [
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];

/** No card has fewer. */
export const FEWEST_CARD_DIGITS = 14;
const LONGEST = 19;

const POINT = 46;

/** End of the card number that begins at `at`; -1 if none does. Looks at most {@link LONGEST} digits ahead. */
export function cardEnd(text: string, at: number): number {
  if (!canBegin(text, at)) return -1;
  let end = at;
  while (end - at <= LONGEST && isDigit(text, end)) end += 1;
  if (end - at >= FEWEST_CARD_DIGITS) return isFree(text, end) && isCardNumber(text.slice(at, end)) ? end : -1;
  return end - at === 4 ? groupedEnd(text, at) : -1;
}

/** Digits after a point are a fraction, after a letter an identifier; but not after an escape, as in `%20`. */
function canBegin(text: string, at: number): boolean {
  if (at === 0 || isEscape(text, at - 3)) return true;
  return !isAlphanumeric(text, at - 1) && text.charCodeAt(at - 1) !== POINT;
}

/** Whether digits are a card number. */
function isCardNumber(digits: string): boolean {
  const { length } = digits;
  const fits = RANGES.some(([from, to, size]) => {
    if (length !== size) return false;
    const prefix = Number(digits.slice(0, String(from).length));
    return prefix >= from && prefix <= to;
  });
  return fits && hasLuhnDigit(digits);
}

function groupedEnd(text: string, at: number): number {
  const separator = text[at + 4];
  if (separator !== ' ' && separator !== '-') return -1;
  for (const sizes of GROUPINGS) {
    let digits = '';
    let end = at;
    for (const size of sizes) {
      if (digits !== '') {
        if (text[end] !== separator) break;
        end += 1;
      }
      const group = text.slice(end, end + size);
      if (group.length !== size || !/^\d+$/.test(group)) break;
      digits += group;
      end += size;
    }
    if (digits.length >= FEWEST_CARD_DIGITS && isFree(text, end) && isCardNumber(digits)) return end;
  }
  return -1;
}

/** Whether a number can end here: no letter or digit follows, and no fraction. */
function isFree(text: string, end: number): boolean {
  return !isAlphanumeric(text, end) && !(text.charCodeAt(end) === POINT && isDigit(text, end + 1));
}

function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, isDoubled = false; index >= 0; index -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(index) - 48;
    const weighed = isDoubled ? 2 * digit : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
