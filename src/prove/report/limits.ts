/**
 * What no proof covers: said with every proof.
 *
 * @module
 */
import { exploredLimit } from '../machines/index.ts';

export const COVERS_NOT: readonly string[] = [
  'steps that neither the model’s rules nor the catalogue know',
  'errors in the kernel, in processors, and in Ringfence itself: the layers are taken to do what they say',
  'side channels and timing, between cells as well',
  'what is said on allowed channels, and what the software at allowed hosts does with it',
  'what people decide: what they apply, allow when asked, or do with the program’s output',
  exploredLimit(),
  'files of the operator that lie in the workspace: the agent reads all that is not hidden',
  'what stays at hosts that the contract allows: it counts as self-replication, intrusion or sabotage, not as persistence',
  'what the agent intends',
];
