/**
 * Answers in the forms that other programs read, but for JSON.
 *
 * @module
 */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { graphDot, reportGraph, reportSarif, type SarifAbout } from '../../prove/forms/index.ts';
import type { Report } from '../../prove/report/index.ts';
import { VERSION } from '../installation.ts';
import type { Format, Subject } from './types.ts';

/** The text of a report, without a line break at its end. */
export function inForm(format: Exclude<Format, 'text' | 'json'>, report: Report, subject: Subject): string {
  const place = (clause: string) => subject.place(clause);
  switch (format) {
    case 'sarif': {
      return JSON.stringify(reportSarif(report, aboutOf(subject)), null, 2);
    }
    case 'graph':
      return JSON.stringify({ graph: reportGraph(report, place) }, null, 2);
    case 'dot':
      return graphDot(reportGraph(report, place)).trimEnd();
  }
}

/** What a SARIF log says of its file. */
export const aboutOf = (subject: Subject): SarifAbout => ({
  version: VERSION,
  uri: uriOf(subject.file),
  sha256: subject.sha256,
  place: (clause) => subject.place(clause),
  required: subject.contract?.never.require ?? [],
});

/** A path as a URI reference: relative to here where it lies below, as code scanning wants it. */
export function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  const below = relative(process.cwd(), resolve(file));
  if (below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    return pathToFileURL(resolve(file)).href;
  return below.split(sep).map(encodeURIComponent).join('/');
}
