/**
 * The contract: schema, units, hazards, and the types through which the other parts meet.
 *
 * @module
 */
export * from './events.ts';
export * from './gateway.ts';
export * from './hazards.ts';
export * from './plan.ts';
export * from './schema.ts';
export * from './supervisor.ts';
export * from './units.ts';
