
struct Params {
	// Rows and columns of one matrix that are computed.
	rows: u32,
	cols: u32,
	// Quads of a row of a or b, and how many of them a split takes.
	k_quads: u32,
	slab: u32,
	// Where the first row stands in the shards, in quads; for the result also the first column.
	a_at: u32,
	b_at: u32,
	result_at: u32,
	// Quads of a row of the result.
	result_quads: u32,
	// Quads from one matrix to the next; 0 for a shared b.
	a_step: u32,
	b_step: u32,
	result_step: u32,
	// In how many parts K is split, and quads from one part's sums to the next's.
	splits: u32,
	split_step: u32,
	// The first column in the whole row, in quads, and the elements of a whole row.
	first_quad: u32,
	width: u32,
	// The number of the first row: what a convolution tells its place in the image from.
	first: u32,
	// Quads of the result's row from one matrix's columns to the next's: groups of a convolution share rows.
	column_step: u32,
	unused0: u32,
	unused1: u32,
	unused2: u32,
