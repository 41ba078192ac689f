/**
 * What keeps the demo from running at all, with what to do about it.
 *
 * @module
 */
export class DemoError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = 'DemoError';
    this.code = code;
    this.hint = hint;
  }
}
