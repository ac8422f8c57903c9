// How many columns of tiles: those with which the tiles are largest, at a shape that is good to read.

const shape = 1.7;  // width to height at which a tile's figures fill it
const gap = 12;

export function columnsFor(bays: number, width: number, height: number): number {
  let best = 1;
  let bestScale = 0;
  for (let columns = 1; columns <= bays; ++columns) {
    const rows = Math.ceil(bays / columns);
    const tileWidth = (width - gap * (columns - 1)) / columns;
    const tileHeight = (height - gap * (rows - 1)) / rows;
    const scale = Math.min(tileWidth / shape, tileHeight);
    if (scale > bestScale + 0.5) {
      bestScale = scale;
      best = columns;
    }
  }
  return best;
}
