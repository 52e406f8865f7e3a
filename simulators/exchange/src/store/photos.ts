// The pictures of a person, in base64, by size. A server shows the nearest one that it has; this one scales nothing.

export const photoSizes = [48, 64, 96, 120, 240, 360, 432, 504, 648].map((side) => `HR${side}x${side}`);

export type Photos = Readonly<Record<string, string>>;

/** The picture of that size, else the next larger one, else the largest. */
export function photoOf(photos: Photos, size: string): string | undefined {
  const wanted = photoSizes.indexOf(size);
  const there = photoSizes.filter((each) => photos[each] !== undefined);
  const nearest = there.find((each) => photoSizes.indexOf(each) >= wanted) ?? there.at(-1);
  return nearest === undefined ? undefined : photos[nearest];
}
