// SPDX-License-Identifier: Apache-2.0
//! Writes measured weights as Rust.

use crate::measure::{Call, Line};
use std::fmt::Write;

/// The file of one pallet.
pub fn file(pallet: &str, calls: &[Call], steps: u32, repeat: u32) -> String {
	let mut out = format!(
		"// SPDX-License-Identifier: Apache-2.0\n\
		//! Weights of `{pallet}`, measured by `scripts/weights.sh` ({steps} steps, {repeat} repeats). Do not edit.\n\n\
		use core::marker::PhantomData;\n\
		use frame_support::{{\n\ttraits::Get,\n\tweights::{{constants::ParityDbWeight, Weight}},\n}};\n\n\
		/// Weight of each call and hook of this pallet.\npub trait WeightInfo {{\n"
	);
	for call in calls {
		let _ = writeln!(out, "\t/// Weight of `{}`.\n\t{};", call.name, signature(call));
	}
	out.push_str("}\n\n/// Measured weights over the database of the runtime.\n");
	out.push_str("pub struct SubstrateWeight<T>(PhantomData<T>);\n\n");
	implementation(
		&mut out,
		"impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T>",
		"T::DbWeight",
		calls,
	);
	out.push_str("\n/// The same over ParityDB, for tests.\n");
	implementation(&mut out, "impl WeightInfo for ()", "ParityDbWeight", calls);
	out
}

fn signature(call: &Call) -> String {
	let parameters: Vec<_> = call.parameters.iter().map(|p| format!("{p}: u32")).collect();
	format!("fn {}({}) -> Weight", call.name, parameters.join(", "))
}

fn implementation(out: &mut String, head: &str, db: &str, calls: &[Call]) {
	let _ = writeln!(out, "{head} {{");
	for call in calls {
		let _ = writeln!(out, "\t{} {{", signature(call));
		let _ = write!(out, "\t\tWeight::from_parts({}, 0)", digits(call.time.base));
		for (p, slope) in call.parameters.iter().zip(&call.time.slopes) {
			let slope = digits(*slope);
			let _ = write!(
				out,
				"\n\t\t\t.saturating_add(Weight::from_parts({slope}, 0).saturating_mul({p}.into()))"
			);
		}
		access(out, db, "reads", &call.reads, &call.parameters);
		access(out, db, "writes", &call.writes, &call.parameters);
		out.push_str("\n\t}\n");
	}
	out.push_str("}\n");
}

fn access(out: &mut String, db: &str, what: &str, line: &Line, parameters: &[String]) {
	if line.base > 0 {
		let _ = write!(out, "\n\t\t\t.saturating_add({db}::get().{what}({}))", line.base);
	}
	for (p, slope) in parameters.iter().zip(&line.slopes).filter(|(_, slope)| **slope > 0) {
		let _ = write!(
			out,
			"\n\t\t\t.saturating_add({db}::get().{what}({slope}u64.saturating_mul({p}.into())))"
		);
	}
}

/// 1234567 as 1_234_567.
fn digits(n: u128) -> String {
	let text = n.to_string();
	let mut out = String::new();
	for (i, c) in text.chars().enumerate() {
		if i > 0 && (text.len() - i).is_multiple_of(3) {
			out.push('_');
		}
		out.push(c);
	}
	out
}
