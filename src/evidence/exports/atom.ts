/**
 * Claims as a feed (RFC 4287): each is an entry that is updated when the claim is.
 *
 * @module
 */
import { statusLine } from '../status.ts';
import { datesOf, type Entry, type Exported, pageOf, timeOf, uuidOf } from './entry.ts';

/** What XML 1.0 cannot hold, even as a reference (§2.2). */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export const escapeXml = (text: string): string =>
  text.replace(FORBIDDEN, '\uFFFD').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** The feed’s place below the address of the pages. */
export const FEED = 'feed.xml';

function entryOf(entry: Entry, exported: Exported): string {
  const { claim, status } = entry;
  const { created, updated } = datesOf(entry);
  const page = pageOf(exported, claim.id);
  const text = [
    statusLine(status),
    ...claim.narrative.map((paragraph) => paragraph.text),
    `Certainty: ${status.certainty.level}.`,
  ].join('\n\n');
  return [
    '  <entry>',
    `    <id>urn:uuid:${uuidOf(`report/${claim.id}`)}</id>`,
    `    <title>${escapeXml(claim.title)}</title>`,
    `    <published>${timeOf(created)}</published>`,
    `    <updated>${timeOf(updated)}</updated>`,
    ...(page === undefined ? [] : [`    <link rel="alternate" type="text/html" href="${escapeXml(page)}"/>`]),
    ...[...new Set([claim.category, ...claim.hazards])].map(
      (term) => `    <category term="${escapeXml(term)}"/>`,
    ),
    `    <summary>${escapeXml(claim.statement)}</summary>`,
    `    <content type="text">${escapeXml(text)}</content>`,
    '  </entry>',
  ].join('\n');
}

/** The claim that was changed last comes first. */
export function toAtom(exported: Exported): string {
  const { entries, address, today } = exported;
  const sorted = entries.toSorted(
    (one, other) =>
      (one.status.updated < other.status.updated ? 1 : one.status.updated > other.status.updated ? -1 : 0) ||
      (one.claim.id < other.claim.id ? -1 : 1),
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
    `  <id>urn:uuid:${uuidOf('feed')}</id>`,
    '  <title>Ringfence evidence base</title>',
    '  <subtitle>Claims about what AI systems do, with sources, objections and derived status</subtitle>',
    `  <updated>${timeOf(sorted[0]?.status.updated ?? today)}</updated>`,
    '  <author><name>Ringfence maintainers</name></author>',
    '  <generator>ringfence evidence export</generator>',
    ...(address === undefined
      ? []
      : [
          `  <link rel="self" type="application/atom+xml" href="${escapeXml(`${address}/${FEED}`)}"/>`,
          `  <link rel="alternate" type="text/html" href="${escapeXml(`${address}/`)}"/>`,
        ]),
    ...sorted.map((entry) => entryOf(entry, exported)),
    '</feed>',
    '',
  ].join('\n');
}
