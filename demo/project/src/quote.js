/**
 * Price of a parcel in cents: the base price of its zone, and a price for every begun kilogram.
 *
 * @param {{ zones: Record<string, { base: number, perKilogram: number }> }} rates prices in cents
 * @param {{ zone: string, grams: number }} parcel
 */
export function quote(rates, parcel) {
  const zone = rates.zones[parcel.zone];
  if (zone === undefined) throw new RangeError(`no rates for zone ${parcel.zone}`);
  return zone.base + Math.floor(parcel.grams / 1000) * zone.perKilogram;
}
