/** The layout of the memory of the module: simd.ts writes the tables. */

/** The state of xor128, 4 integers. */
export const STATE: usize = 0;
/** `layers` of kernel/normal.ts: 4 numbers for each of 128 layers, and for the region above them. */
export const LAYERS: usize = 16;
/** Numbers that are drawn for somebody else, until he has copied them. */
export const DRAWN: usize = 8192;
/** Here the numbers of the kernel begin. */
export const NUMBERS: usize = 65536;
