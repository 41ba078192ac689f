/**
 * Reports for other programs: SARIF, graphs.
 *
 * @module
 */

export { type Graph, type GraphEdge, type GraphNode, graphDot, type NodeKind, reportGraph } from './graph.ts';
export {
  reportSarif,
  type SarifAbout,
  type SarifLocation,
  type SarifResult,
  sarifLog,
} from './sarif.ts';
