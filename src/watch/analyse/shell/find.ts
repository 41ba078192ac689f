/**
 * Which of what lies below its folder `find` takes.
 *
 * @module
 */

/** Tests that most files fail; owners and modes are the same for all of a project. */
const CHOICES =
  /^-(i?(name|path|wholename|regex|lname)|[acm](min|time)|newer.*|anewer|cnewer|size|empty|samefile|inum|false)$/;
const EVERYTHING = /^[*?.]+$/;

/** Whether what it acts on is all that is there: no test chooses, or one that is turned round. */
export function takesAll(words: readonly string[]): boolean {
  return !words.some(
    (word, index) =>
      CHOICES.test(word) &&
      !['!', '-not'].includes(words[index - 1] ?? '') &&
      !EVERYTHING.test(words[index + 1] ?? ''),
  );
}
