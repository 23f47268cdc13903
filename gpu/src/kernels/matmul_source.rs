// SPDX-License-Identifier: Apache-2.0
//! The WGSL of tiled products, put together for a shape.
//!
//! Rows of both operands lie with K in quads of four bytes, so four products and three sums are one dot4I8Packed, which
//! GPUs add to an accumulator in the same instruction (DP4A). A slab of `depth` quads of all rows and columns of a tile is
//! staged in workgroup memory in chunks of four quads, and each invocation multiplies its rows with its columns from
//! there. The next slab is fetched into registers meanwhile.
//!
//! Workgroup memory has banks, and neighbours should read different ones. A staged row is `chunks` vectors of 16 bytes
//! and eight of them fill the banks once, so vector `c` of row `r` is kept at place `c ^ (r * chunks / 8) % chunks`: any
//! eight neighbouring rows then have their vector `c` in eight different places. An invocation's columns are quads of
//! neighbours in the result, so the columns of `b` are staged in another order: all firsts of a quad, all seconds, ...

use super::{post::Posts, shape::Shape, COMMON};
use calor_tensor::DType;
use std::fmt::Write;

/// How `a` is addressed.
pub(super) struct Left {
	/// Distinguishes it in the kernel's name.
	pub name: &'static str,
	/// Fields of `Params` behind those that all products have, in whole `vec4`s.
	pub fields: &'static str,
	/// `struct Line`, `line_of(matrix, row)` and `fetch_a(line, quad, end)`, for chunks of 16 bytes that are aligned and
	/// for others.
	pub wide: &'static str,
	pub narrow: &'static str,
}

/// Rows of K, one after the other.
pub(super) static DENSE: Left = Left {
	name: "matmul",
	fields: "",
	wide: include_str!("matmul_wide.wgsl"),
	narrow: include_str!("matmul_narrow.wgsl"),
};

/// The source of a product of tiles.
pub(super) fn tiles(
	shape: &Shape,
	left: &Left,
	wide: bool,
	posts: &Posts,
	body: &str,
	to: DType,
) -> String {
	let mut text = [COMMON, include_str!("matmul_params.wgsl"), left.fields].concat();
	text += &posts.field();
	text += "}\n\n";
	text += super::result(to);
	text += body;
	text += if wide {
		include_str!("matmul_b_wide.wgsl")
	} else {
		include_str!("matmul_b_narrow.wgsl")
	};
	text += if wide { left.wide } else { left.narrow };
	Tiles { text, shape }.main()
}

struct Tiles<'a> {
	text: String,
	shape: &'a Shape,
}

impl Tiles<'_> {
	fn line(&mut self, depth: usize, line: impl AsRef<str>) {
		let _ = writeln!(self.text, "{}{}", "\t".repeat(depth), line.as_ref());
	}

	fn main(mut self) -> String {
		let Shape { rows, cols, own_rows, own_cols, depth, double, .. } = *self.shape;
		let (lanes, chunks) = (self.shape.lanes(), self.shape.chunks());
		let (across, down) = (self.shape.across(), self.shape.down());
		// Rows and columns that the workgroup fetches at once.
		let lines = lanes / chunks;
		let (a_fetches, b_fetches) = (rows / lines, cols / lines);
		let size = (rows + cols) * chunks;
		let staged = if double { 2 * size } else { size };
		// The place of a chunk in its row differs with every so many rows.
		let spread = 8 / chunks;

		self.line(0, format!("\nvar<workgroup> staged: array<vec4<u32>, {staged}>;\n"));
		self.line(0, format!("@compute @workgroup_size({lanes})"));
		self.line(0, "fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {");
		self.line(1, "let matrix = group.z / p.splits;");
		self.line(1, "let split = group.z - matrix * p.splits;");
		self.line(1, "let begin = split * p.slab;");
		self.line(1, "let end = min(p.k_quads, begin + p.slab);");
		self.line(1, format!("let first_row = group.y * {rows}u;"));
		self.line(1, format!("let first_col = group.x * {cols}u;"));
		self.line(1, format!("let tx = lane % {across}u;"));
		self.line(1, format!("let ty = lane / {across}u;"));
		self.line(1, "// What this invocation fetches: one chunk of several rows and columns. Those beyond the matrix repeat the");
		self.line(1, "// last one, and what comes of them is not stored.");
		self.line(1, format!("let chunk = lane % {chunks}u;"));
		self.line(1, format!("let place = lane / {chunks}u;"));
		for t in 0..a_fetches {
			self.line(
				1,
				format!(
					"let a_line{t} = line_of(matrix, min(first_row + place + {}u, p.rows - 1u));",
					t * lines
				),
			);
		}
		for t in 0..b_fetches {
			self.line(1, format!("let b_place{t} = place + {}u;", t * lines));
			let quarter = cols / 4;
			self.line(
				1,
				format!("let b_col{t} = (b_place{t} % {quarter}u) * 4u + b_place{t} / {quarter}u;"),
			);
			self.line(1, format!("let b_line{t} = p.b_at + matrix * p.b_step + min(first_col + b_col{t}, p.cols - 1u) * p.k_quads;"));
		}
		self.line(
			1,
			format!("let put = place * {chunks}u + (chunk ^ ((place / {spread}u) % {chunks}u));"),
		);
		self.line(1, format!("let a_turn = (ty / {spread}u) % {chunks}u;"));
		self.line(1, format!("let b_turn = (tx / {spread}u) % {chunks}u;"));
		for i in 0..own_rows {
			for j in 0..own_cols {
				self.line(1, format!("var s{i}_{j} = 0;"));
			}
		}
		for t in 0..a_fetches {
			self.line(1, format!("var a_next{t} = fetch_a(a_line{t}, begin + chunk * 4u, end);"));
		}
		for t in 0..b_fetches {
			self.line(1, format!("var b_next{t} = fetch_b(b_line{t}, begin + chunk * 4u, end);"));
		}
		if double {
			self.line(1, "var half = 0u;");
		}
		let at = if double { "half + " } else { "" };
		self.line(1, format!("// At most {} rounds: K is at most 4,096 quads.", 4096 / depth));
		self.line(1, format!("for (var k = begin; k < end; k += {depth}u) {{"));
		for t in 0..a_fetches {
			self.line(2, format!("staged[{at}put + {}u] = a_next{t};", t * lines * chunks));
		}
		for t in 0..b_fetches {
			self.line(
				2,
				format!("staged[{at}put + {}u] = b_next{t};", (rows + t * lines) * chunks),
			);
		}
		self.line(2, "workgroupBarrier();");
		self.line(2, format!("let ahead = k + {depth}u + chunk * 4u;"));
		for t in 0..a_fetches {
			self.line(2, format!("a_next{t} = fetch_a(a_line{t}, ahead, end);"));
		}
		for t in 0..b_fetches {
			self.line(2, format!("b_next{t} = fetch_b(b_line{t}, ahead, end);"));
		}
		self.line(2, format!("for (var c = 0u; c < {chunks}u; c += 1u) {{"));
		self.line(3, format!("let a_at = {at}ty * {chunks}u + (c ^ a_turn);"));
		self.line(3, format!("let b_at = {at}{}u + tx * {chunks}u + (c ^ b_turn);", rows * chunks));
		for i in 0..own_rows {
			self.line(3, format!("let x{i} = staged[a_at + {}u];", i * down * chunks));
		}
		for j in 0..own_cols {
			// Column `j % 4` of quad `j / 4`.
			let place = (j % 4) * (cols / 4) + (j / 4) * across;
			self.line(3, format!("let y{j} = staged[b_at + {}u];", place * chunks));
			for axis in ["x", "y", "z", "w"] {
				for i in 0..own_rows {
					self.line(3, format!("s{i}_{j} += dot4I8Packed(x{i}.{axis}, y{j}.{axis});"));
				}
			}
		}
		self.line(2, "}");
		if double {
			self.line(2, format!("half = {size}u - half;"));
		} else {
			self.line(2, "workgroupBarrier();");
		}
		self.line(1, "}");
		self.line(1, "let to = p.result_at + matrix * p.result_step + split * p.split_step;");
		for i in 0..own_rows {
			self.line(1, format!("if first_row + ty + {}u < p.rows {{", i * down));
			self.line(
				2,
				format!("let row = to + (first_row + ty + {}u) * p.result_quads;", i * down),
			);
			for q in 0..own_cols / 4 {
				let v =
					(0..4).map(|e| format!("s{i}_{}", q * 4 + e)).collect::<Vec<_>>().join(", ");
				self.line(2, format!("let quad{q} = first_col / 4u + tx + {}u;", q * across));
				self.line(2, format!("if quad{q} * 4u < p.cols {{"));
				self.line(
					3,
					format!("let column = (p.first_quad + matrix * p.column_step + quad{q}) * 4u;"),
				);
				self.line(
					3,
					format!(
						"store_result(row + quad{q}, post(vec4<i32>({v}), column, row + quad{q}));"
					),
				);
				self.line(2, "}");
			}
			self.line(1, "}");
		}
		self.line(0, "}");
		self.text
	}
}

/// The source of a kernel that is all in `left`.
pub(super) fn own(left: &Left, posts: &Posts, body: &str, to: DType) -> String {
	let mut text = [COMMON, include_str!("matmul_params.wgsl"), left.fields].concat();
	text += &posts.field();
	text += "}\n\n";
	text += super::result(to);
	text += body;
	text + left.narrow
}

/// The source of a product of few rows.
pub(super) fn few(rows: u32, wide: bool, posts: &Posts, body: &str, to: DType) -> String {
	let mut text = [COMMON, include_str!("matmul_params.wgsl")].concat();
	text += &posts.field();
	text += "}\n\n";
	text += super::result(to);
	text += body;
	text += if wide {
		include_str!("matmul_b_wide.wgsl")
	} else {
		include_str!("matmul_b_narrow.wgsl")
	};
	text += if wide { DENSE.wide } else { DENSE.narrow };
	let each =
		|line: &str| (0..rows).map(|r| line.replace('#', &r.to_string())).collect::<String>();
	include_str!("matmul_few.wgsl").lines().fold(text, |text, line| {
		// Lines with a number sign stand once for each row.
		let line = line.replace("ROWS", &format!("{rows}u"));
		text + &if line.contains('#') { each(&(line + "\n")) } else { line + "\n" }
	})
}
