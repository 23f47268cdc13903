
struct Params {
	// Quads of this dispatch.
	count: u32,
	// Where in its row the first of them stands, in quads.
	first: u32,
	// The first quad in the shards of a and of the result.
	a_at: u32,
	result_at: u32,
	row_quads: u32,
	// Elements of a row.
	width: u32,
	// How many tensors are summed, and how many quads lie from one to the next.
	parts: u32,
	part_quads: u32,
