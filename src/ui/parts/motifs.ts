/** Which drawings each kind of cover chooses from. */
import { oneOf } from "./motifs/drawing.ts";
import type { Motif } from "./motifs/drawing.ts";
import * as print from "./motifs/print.ts";
import * as screen from "./motifs/screen.ts";
import * as stage from "./motifs/stage.ts";

export const MOTIFS = {
  book: oneOf(print.arches, print.spines, print.hills),
  film: oneOf(screen.sunOnWater, screen.beam, screen.ridges),
  music: oneOf(stage.rings, stage.equaliser, stage.waves),
  museum: oneOf(print.frames, print.quarters, print.gate),
  theatre: oneOf(stage.curtain, stage.spotlight),
  opera: oneOf(stage.tiers, stage.fan),
  game: oneOf(screen.creature, screen.blocks),
  comic: oneOf(print.panels, print.burst),
  series: oneOf(screen.screens, screen.windows),
  dance: oneOf(stage.ribbons, stage.leaning),
  festival: oneOf(stage.pennants, stage.sunburst),
  talk: oneOf(print.discs, print.balloons),
} satisfies Record<string, Motif>;
