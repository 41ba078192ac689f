/**
 * Reports for other programs: SARIF, graphs.
 *
 * @module
 */

export { containmentSarif, differenceSarif, excessSarif } from './beside.ts';
export { type Graph, type GraphEdge, type GraphNode, graphDot, type NodeKind, reportGraph } from './graph.ts';
export { type SarifAbout, type SarifLocation, type SarifResult, sarifLog } from './log.ts';
export { reportSarif } from './sarif.ts';
