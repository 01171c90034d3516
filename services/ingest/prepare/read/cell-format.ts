/** How cells stand in the file that the engine reads: one line a row, cells apart by U+001F, nothing quoted. No cell
 * holds a character below U+0020 but a tab, so that none of these is ever data:
 * a line feed in a cell is U+001E, a carriage return U+001D; a cell that no column can read stands as the hexadecimal
 * digits of its UTF-8 behind U+001C (it holds a control character) or U+001B (it is a list or an object). */
export const SEPARATOR = '\u001f';
export const LINE_FEED = '\u001e';
export const CARRIAGE_RETURN = '\u001d';
export const CONTROL_MARK = '\u001c';
export const NESTED_MARK = '\u001b';
