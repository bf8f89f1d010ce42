/** Every table of the database, one interface per noun; the interface lives beside the functions that use it. */
// biome-ignore lint: composed below
export interface Tables {}
