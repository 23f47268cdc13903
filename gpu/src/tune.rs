// SPDX-License-Identifier: Apache-2.0
//! Finds out how this device computes each class of product fastest.
//!
//! Portable settings reach a part of each device's best only, and what is best cannot be told from a driver's answers. So
//! each way is timed on the device when a program first needs its class, and the winner is remembered: in memory, and in
//! a file if a directory is given. The file's first line names adapter, driver and version of this crate; a file of
//! another name, or one that cannot be read in whole, is as good as none and is written anew. What a file says can make
//! products slow but never wrong.

use crate::{
	adapter::AdapterInfo,
	device::{lock, Gpu, Limits},
	error::Error,
	kernels::{product_class, Choices, Class, Way},
	loaded::Loaded,
	plan::Plan,
};
use calor_tensor::{
	program::{Window, VERSION},
	Op, Program, TensorType, Validated,
};
use std::{
	collections::BTreeMap,
	fmt::Write,
	fs,
	path::{Path, PathBuf},
	sync::{Arc, Mutex},
	time::Duration,
};

/// How products are tuned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
	/// Where results of measurements are kept. Without it, they are made anew in each process.
	pub directory: Option<PathBuf>,
	/// Whether to measure all products, or none. Without it, all but small ones on all but CPU adapters, where a
	/// measurement takes longer than it saves.
	pub measure: Option<bool>,
	/// Compute every product in this way, one of [`crate::Engine::product_ways`]: for tests and measurements.
	pub product: Option<String>,
}

/// Multiply-accumulates of products that take no longer than it takes to begin a dispatch.
const SMALL: u64 = 1 << 24;
/// How long one way is timed.
const TIMED: Duration = Duration::from_millis(5);
/// Most repetitions of a product in a measurement.
const REPEATS: u32 = 64;

pub(crate) struct Tuner {
	measure: bool,
	/// Whether to measure small products too.
	all: bool,
	forced: Option<Way>,
	/// The first line of the file.
	header: String,
	file: Option<PathBuf>,
	known: Mutex<BTreeMap<Class, Way>>,
}

impl Tuner {
	pub fn new(info: &AdapterInfo, gpu: &Gpu, tuning: &Tuning) -> Result<Self, Error> {
		let unknown = |name: &String| {
			let ways: Vec<_> = Way::all(&gpu.limits).iter().map(Way::name).collect();
			Error::UnknownProduct { name: name.clone(), ways: ways.join(", ") }
		};
		let way = |name: &String| Way::named(name, &gpu.limits).ok_or_else(|| unknown(name));
		let forced = tuning.product.as_ref().map(way).transpose()?;
		let version = env!("CARGO_PKG_VERSION");
		let limits = if gpu.limits.int64 { "int64" } else { "portable" };
		let header = format!("calor-gpu {version} | {} | {} | {limits}", info.name, info.driver);
		let file = tuning.directory.as_ref().map(|directory| directory.join(file_name(&header)));
		let known = file.as_deref().and_then(|file| read(file, &header, gpu)).unwrap_or_default();
		let measure = tuning.measure.unwrap_or(!info.is_cpu());
		let all = tuning.measure == Some(true);
		Ok(Self { measure, all, forced, header, file, known: Mutex::new(known) })
	}

	/// The ways of all products in the program; measures what is not known yet.
	pub fn choices(&self, gpu: &Arc<Gpu>, program: &Validated) -> Result<Choices, Error> {
		let mut measured = BTreeMap::new();
		for class in program.program().ops.iter().filter_map(|op| product_class(op, program)) {
			if let Some(way) = self.way(gpu, class)? {
				measured.insert(class, way);
			}
		}
		Ok(Choices { measured: Arc::new(measured) })
	}

	/// All ways that a choice may come to.
	pub fn ways(&self, limits: &Limits) -> Vec<Way> {
		match (self.forced, self.measure) {
			(Some(way), _) => vec![way],
			(None, true) => Way::all(limits),
			(None, false) => Way::guesses(limits),
		}
	}

	fn way(&self, gpu: &Arc<Gpu>, class: Class) -> Result<Option<Way>, Error> {
		if let Some(way) = self.forced {
			return Ok(Some(if class.conv && way == Way::Few {
				class.guess(&gpu.limits)
			} else {
				way
			}));
		}
		// The lock is not held while measuring: two threads may measure the same, which does no harm.
		let known = lock(&self.known).get(&class).copied();
		let small = class.mac() <= SMALL && !self.all;
		if known.is_some() || !self.measure || small {
			return Ok(known);
		}
		let best = fastest(gpu, class)?;
		let mut known = lock(&self.known);
		known.insert(class, best);
		self.write(&known);
		Ok(Some(best))
	}

	/// Keeps what is known. A directory that cannot be written to costs time in the next process, and no more.
	fn write(&self, known: &BTreeMap<Class, Way>) {
		let Some(file) = &self.file else { return };
		let mut text = format!("{}\n", self.header);
		for (class, way) in known {
			let _ = writeln!(text, "{} {}", class.name(), way.name());
		}
		let draft = file.with_extension(format!("{}.draft", std::process::id()));
		let made = file.parent().map(fs::create_dir_all).transpose();
		let written = made.and_then(|_| fs::write(&draft, text));
		if written.and_then(|()| fs::rename(&draft, file)).is_err() {
			let _ = fs::remove_file(&draft);
		}
	}
}

fn file_name(header: &str) -> String {
	let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
	let mut name: String = header.chars().map(plain).take(120).collect();
	name.push_str(".txt");
	name
}

/// What a file says, if all of it makes sense.
fn read(file: &Path, header: &str, gpu: &Gpu) -> Option<BTreeMap<Class, Way>> {
	let text = fs::read_to_string(file).ok()?;
	let mut lines = text.lines();
	if lines.next() != Some(header) {
		return None;
	}
	lines
		.map(|line| {
			let (class, way) = line.split_once(' ')?;
			Some((Class::named(class)?, Way::named(way, &gpu.limits)?))
		})
		.collect()
}

/// Times every way of a class.
fn fastest(gpu: &Arc<Gpu>, class: Class) -> Result<Way, Error> {
	let mut best = (Duration::MAX, class.guess(&gpu.limits));
	let Some(program) = sample(class, gpu.limits.dispatch_mac.saturating_mul(2)) else {
		return Ok(best.1);
	};
	for way in class.ways(&gpu.limits) {
		match time(gpu, &program, way) {
			Ok(time) if time < best.0 => best = (time, way),
			Ok(_) => (),
			// A way that this device has no room or no compiler for is not the best one.
			Err(
				Error::TooLarge { .. }
				| Error::TooLong { .. }
				| Error::OutOfMemory
				| Error::Shader(_),
			) => (),
			Err(error) => return Err(error),
		}
	}
	Ok(best.1)
}

/// A product of the class, or of a smaller one if that takes more than so many multiply-accumulates.
fn sample(class: Class, most: u64) -> Option<Validated> {
	let [mut matrices, mut rows, mut cols, quads] = class.largest();
	let quads = if class.wide { quads.max(4) } else { quads.saturating_sub(1).max(1) };
	let quads = quads.min(4_096);
	let mac =
		|[m, r, c]: [u32; 3]| [m, r, c, quads].iter().map(|&n| u64::from(n)).product::<u64>() * 4;
	while mac([matrices, rows, cols]) > most && matrices.max(rows).max(cols) > 1 {
		let largest = [&mut matrices, &mut rows, &mut cols].into_iter().max()?;
		*largest /= 2;
	}
	let (inputs, op) = if class.conv {
		images(class.wide, rows, cols, quads)
	} else {
		let dims = |rows: u32| match matrices {
			1 => TensorType::i8(&[rows, quads * 4]),
			n => TensorType::i8(&[n, rows, quads * 4]),
		};
		(vec![dims(rows), dims(cols)], Op::MatMul { a: 0, b: 1 })
	};
	let program = Program {
		version: VERSION,
		inputs,
		constants: Vec::new(),
		ops: vec![op],
		outputs: vec![2],
	};
	program.validate().ok()
}

/// An image under windows of nine taps that make about such a product.
fn images(wide: bool, rows: u32, cols: u32, quads: u32) -> (Vec<TensorType>, Op) {
	let chunks = quads / 36;
	let channels = if wide { chunks.max(1) * 16 } else { chunks * 16 + 4 };
	let across = rows.min(32);
	let x = TensorType::i8(&[1, rows.div_ceil(across), across, channels]);
	let weights = TensorType::i8(&[cols, 9 * channels]);
	let window = Window { size: [3; 2], stride: [1; 2], pad: [1; 4], dilation: [1; 2] };
	(vec![x, weights], Op::Conv2d { x: 0, weights: 1, window, groups: 1, zero: 0 })
}

fn time(gpu: &Arc<Gpu>, program: &Validated, way: Way) -> Result<Duration, Error> {
	let plan = Plan::new(program, gpu.limits, Choices::all(program, way))?;
	let loaded = Loaded::new(gpu.clone(), plan.fused().clone(), &[], None)?;
	// The first run also clears buffers and wakes the device.
	loaded.repeat(1)?;
	let once = loaded.repeat(1)?;
	let count = TIMED.as_nanos() / once.as_nanos().max(1);
	let count = u32::try_from(count).unwrap_or(REPEATS).clamp(1, REPEATS);
	Ok(loaded.repeat(count)?.min(loaded.repeat(count)?) / count)
}
