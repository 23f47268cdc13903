// SPDX-License-Identifier: Apache-2.0
//! What a schedule has on the device: buffers, kernels, bindings.
//!
//! Everything that does not change from run to run is made once: buffers, compiled kernels, bindings, packed weights.
//! Dispatches are encoded into few submissions, each of bounded work, so that a timeout can tell a slow device from a
//! dead one.

use crate::{
	device::{Gpu, BINDING_OUT, BINDING_PARAMS, BINDING_READS, BINDING_SIDE, PARAMS_BYTES, READS},
	error::Error,
	kernels::hash,
	schedule::{Schedule, STAGING_BYTES},
	storage::steps,
	tape::{Dispatch, Origin, Piece, Shard, View},
	weights::Key,
};
use calor_tensor::{Hash, Tensor};
use std::{
	collections::BTreeMap,
	num::NonZeroU64,
	ops::Range,
	sync::Arc,
	time::{Duration, Instant},
};
use wgpu::{
	BindGroup, BindGroupEntry, BindingResource, Buffer, BufferBinding, BufferDescriptor,
	BufferUsages, CommandEncoderDescriptor, ComputePipeline, SubmissionIndex,
};

/// Slots that a dispatch binds: operands and result.
type Bound = ([Option<usize>; READS], usize);

/// What stands on the device.
pub(crate) struct Loaded {
	gpu: Arc<Gpu>,
	pub schedule: Arc<Schedule>,
	slots: Vec<Buffer>,
	params: Buffer,
	side: Buffer,
	/// What results are copied to before the host reads them.
	staging: Buffer,
	pipelines: Vec<ComputePipeline>,
	groups: Vec<BindGroup>,
	/// Pipeline and group of each dispatch: first those of the prologue.
	bound: Vec<(usize, usize)>,
}

impl Loaded {
	/// Makes all buffers, brings constants to the device and prepares them. Where `roots` are given, what is made from a
	/// constant is shared with all sessions that were given the same root.
	pub fn new(
		gpu: Arc<Gpu>,
		schedule: Arc<Schedule>,
		constants: &[Tensor],
		roots: Option<&[Hash]>,
	) -> Result<Self, Error> {
		let key = |origin: &Origin| {
			let root = roots?.get(origin.constant)?;
			Some(Key { root: *root, packing: origin.packing.clone() })
		};
		let keys: Vec<Option<Key>> =
			schedule.slots.held.iter().map(|held| held.as_ref().and_then(key)).collect();
		let cached: Vec<Option<Buffer>> =
			keys.iter().map(|key| gpu.weights.get(key.as_ref()?)).collect();
		let this = with_room(&gpu, || {
			let this = Self::allocate(&gpu, &schedule, &cached)?;
			this.load(constants, &cached)?;
			Ok(this)
		})?;
		for ((key, buffer), known) in keys.into_iter().zip(&this.slots).zip(&cached) {
			if let (Some(key), None) = (key, known) {
				gpu.weights.put(key, buffer.clone());
			}
		}
		Ok(this)
	}

	/// Makes all buffers, kernels and bindings once and lets go of them. Nothing is shared with other sessions: so it
	/// takes all the room that a first session takes.
	pub fn rehearse(gpu: &Arc<Gpu>, schedule: &Arc<Schedule>) -> Result<(), Error> {
		let cached = vec![None; schedule.slots.bytes.len()];
		with_room(gpu, || {
			let this = Self::allocate(gpu, schedule, &cached)?;
			// Some drivers find the room only when a buffer is used.
			gpu.guarded(|| this.clear()).and_then(|submission| gpu.wait(submission))
		})
	}

	/// Writes zeros to all slots.
	fn clear(&self) -> SubmissionIndex {
		let mut encoder =
			self.gpu.device.create_command_encoder(&CommandEncoderDescriptor::default());
		self.slots.iter().for_each(|slot| encoder.clear_buffer(slot, 0, None));
		self.gpu.queue.submit([encoder.finish()])
	}

	fn allocate(
		gpu: &Arc<Gpu>,
		schedule: &Arc<Schedule>,
		cached: &[Option<Buffer>],
	) -> Result<Self, Error> {
		let buffer = |size: u64, usage| {
			let desc = BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
			gpu.device.create_buffer(&desc)
		};
		let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
		let slots = schedule.slots.bytes.iter().zip(cached);
		let mut this = gpu.guarded(|| Self {
			gpu: gpu.clone(),
			schedule: schedule.clone(),
			slots: slots
				.map(|(&bytes, known)| known.clone().unwrap_or_else(|| buffer(bytes, storage)))
				.collect(),
			params: buffer(
				(schedule.params.len() as u64).max(PARAMS_BYTES),
				BufferUsages::UNIFORM | BufferUsages::COPY_DST,
			),
			side: buffer(
				schedule.side.len() as u64 * 4,
				BufferUsages::STORAGE | BufferUsages::COPY_DST,
			),
			staging: buffer(schedule.staging, BufferUsages::MAP_READ | BufferUsages::COPY_DST),
			pipelines: Vec::new(),
			groups: Vec::new(),
			bound: Vec::new(),
		})?;
		gpu.guarded(|| {
			gpu.queue.write_buffer(&this.params, 0, &schedule.params);
			gpu.queue.write_buffer(&this.side, 0, bytemuck::cast_slice(&schedule.side));
		})?;
		this.bind_all()?;
		Ok(this)
	}

	/// Compiles all kernels and makes the bindings of all dispatches.
	fn bind_all(&mut self) -> Result<(), Error> {
		let schedule = self.schedule.clone();
		let mut pipelines: BTreeMap<&str, usize> = BTreeMap::new();
		let mut groups: BTreeMap<Bound, usize> = BTreeMap::new();
		for dispatch in schedule.prologue.iter().chain(&schedule.dispatches) {
			let name = dispatch.shader.name();
			let pipeline = match pipelines.get(name) {
				Some(&known) => known,
				None => {
					self.pipelines.push(self.gpu.pipeline(&dispatch.shader)?);
					pipelines.insert(name, self.pipelines.len() - 1);
					self.pipelines.len() - 1
				},
			};
			let slot = |piece: Piece| schedule.slots.place[piece];
			let unplaced = || Error::Internal(format!("{name} writes to nothing"));
			let result = slot(dispatch.write).ok_or_else(unplaced)?;
			let bound = (dispatch.reads.map(|read| read.and_then(slot)), result);
			let group = match groups.get(&bound) {
				Some(&known) => known,
				None => {
					self.groups.push(self.gpu.guarded(|| self.bind(bound))?);
					groups.insert(bound, self.groups.len() - 1);
					self.groups.len() - 1
				},
			};
			self.bound.push((pipeline, group));
		}
		Ok(())
	}

	fn bind(&self, (reads, result): Bound) -> BindGroup {
		let read = |slot: Option<usize>| slot.map_or(&self.side, |slot| &self.slots[slot]);
		let entry = |binding, buffer, size| BindGroupEntry {
			binding,
			resource: BindingResource::Buffer(BufferBinding { buffer, offset: 0, size }),
		};
		let mut entries = vec![
			entry(BINDING_PARAMS, &self.params, NonZeroU64::new(PARAMS_BYTES)),
			entry(BINDING_SIDE, &self.side, None),
			entry(BINDING_OUT, &self.slots[result], None),
		];
		entries.extend(BINDING_READS.iter().zip(reads).map(|(&at, r)| entry(at, read(r), None)));
		self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
			label: None,
			layout: &self.gpu.layout,
			entries: &entries,
		})
	}

	/// Uploads what is not there yet, and prepares what the prologue prepares unless all of it is.
	fn load(&self, constants: &[Tensor], cached: &[Option<Buffer>]) -> Result<(), Error> {
		let schedule = &self.schedule;
		let known = |piece: Piece| {
			let slot = schedule.slots.place[piece];
			slot.is_some_and(|slot| cached[slot].is_some())
		};
		let prepared = schedule.prologue.iter().all(|dispatch| known(dispatch.write));
		let inputs = schedule.program.program().inputs.len();
		let mut waiting = 0;
		for (view, tensor) in schedule.views[inputs..].iter().zip(constants) {
			for shard in &view.shards {
				let Some(slot) = schedule.slots.place[shard.piece] else { continue };
				let only_prologue = schedule.slots.held[slot].is_none();
				let needless = known(shard.piece) || only_prologue && prepared;
				if !needless {
					self.write(view, shard, slot, tensor, &mut waiting)?;
				}
			}
		}
		if prepared {
			return self.flush();
		}
		self.execute(&schedule.prologue, &self.bound[..schedule.prologue.len()])
	}

	/// Brings operands to the device, from tensor `first` on, but for those that nothing reads.
	pub fn upload(&self, first: usize, operands: &[Tensor]) -> Result<(), Error> {
		// Bytes that wait in host memory for the next submission.
		let mut waiting = 0;
		for (view, tensor) in self.schedule.views[first..].iter().zip(operands) {
			for shard in &view.shards {
				if let Some(slot) = self.schedule.slots.place[shard.piece] {
					self.write(view, shard, slot, tensor, &mut waiting)?;
				}
			}
		}
		Ok(())
	}

	fn write(
		&self,
		view: &View,
		shard: &Shard,
		slot: usize,
		tensor: &Tensor,
		waiting: &mut u64,
	) -> Result<(), Error> {
		for rows in self.chunks(view, shard) {
			let at = u64::from(rows.start - shard.rows.start) * view.grid.row_bytes();
			let bytes = view.grid.pack(tensor, rows);
			if *waiting > 0 && *waiting + bytes.len() as u64 > STAGING_BYTES {
				self.flush()?;
				*waiting = 0;
			}
			*waiting += bytes.len() as u64;
			self.gpu.guarded(|| self.gpu.queue.write_buffer(&self.slots[slot], at, &bytes))?;
		}
		Ok(())
	}

	/// Waits until all that was written has left host memory.
	fn flush(&self) -> Result<(), Error> {
		let submission = self.gpu.guarded(|| self.gpu.queue.submit([]))?;
		self.gpu.wait(submission)
	}

	/// A shard's rows, as many at once as the staging buffer takes.
	fn chunks(&self, view: &View, shard: &Shard) -> impl Iterator<Item = Range<u32>> {
		let rows = self.schedule.staging / view.grid.row_bytes();
		steps(shard.rows.clone(), u32::try_from(rows).unwrap_or(u32::MAX))
	}

	/// Computes all steps so many times, whatever the inputs are, and says how long that took.
	pub fn repeat(&self, times: u32) -> Result<Duration, Error> {
		let offset = self.schedule.prologue.len();
		let start = Instant::now();
		let mut last = None;
		for _ in 0..times {
			let dispatches = &self.schedule.dispatches[self.schedule.step_dispatches()];
			let bound = &self.bound[offset..];
			last = Some(self.gpu.guarded(|| self.submit(dispatches, bound))?);
		}
		last.map_or(Ok(()), |submission| self.gpu.wait(submission))?;
		Ok(start.elapsed())
	}

	/// Computes a range of steps.
	pub fn compute(&self, range: Range<usize>) -> Result<(), Error> {
		let spans = &self.schedule.steps[range];
		let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(()) };
		let offset = self.schedule.prologue.len();
		let bound = &self.bound[offset + first.start..offset + last.end];
		self.execute(&self.schedule.dispatches[first.start..last.end], bound)
	}

	/// Computes all steps and the roots of outputs.
	pub fn compute_all(&self) -> Result<(), Error> {
		let bound = &self.bound[self.schedule.prologue.len()..];
		self.execute(&self.schedule.dispatches, bound)
	}

	/// Roots of the trees that the schedule computes.
	pub fn trees(&self) -> Result<Vec<Hash>, Error> {
		let Some(roots) = &self.schedule.roots else { return Ok(Vec::new()) };
		let mut bytes = Vec::new();
		self.download_rows(roots, &mut bytes)?;
		Ok(hash::unpack(&bytes))
	}

	fn execute(&self, dispatches: &[Dispatch], bound: &[(usize, usize)]) -> Result<(), Error> {
		let mut submissions = Vec::new();
		let (mut rest, mut bound) = (dispatches, bound);
		while !rest.is_empty() {
			let count = batch(rest, self.gpu.limits.submit_work);
			let (now, later) = rest.split_at(count);
			let (now_bound, later_bound) = bound.split_at(count);
			(rest, bound) = (later, later_bound);
			submissions.push(self.gpu.guarded(|| self.submit(now, now_bound))?);
		}
		submissions.into_iter().try_for_each(|submission| self.gpu.wait(submission))
	}

	fn submit(&self, dispatches: &[Dispatch], bound: &[(usize, usize)]) -> SubmissionIndex {
		let mut encoder =
			self.gpu.device.create_command_encoder(&CommandEncoderDescriptor::default());
		let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
		for (dispatch, &(pipeline, group)) in dispatches.iter().zip(bound) {
			let [x, y, z] = dispatch.groups;
			pass.set_pipeline(&self.pipelines[pipeline]);
			pass.set_bind_group(0, &self.groups[group], &[dispatch.params]);
			pass.dispatch_workgroups(x, y, z);
		}
		drop(pass);
		self.gpu.queue.submit([encoder.finish()])
	}

	/// Brings a tensor back to the host.
	pub fn download(&self, id: usize) -> Result<Tensor, Error> {
		let view = self.schedule.view(id)?;
		let missing = || Error::Internal(format!("there is no tensor {id}"));
		let (ty, _) = self.schedule.program.tensors().get(id).ok_or_else(missing)?;
		let mut dense = Vec::with_capacity(ty.bytes() as usize);
		self.download_rows(view, &mut dense)?;
		Ok(Tensor::from_bytes(ty.clone(), &dense)?)
	}

	/// Appends the elements of all rows.
	fn download_rows(&self, view: &View, dense: &mut Vec<u8>) -> Result<(), Error> {
		for shard in &view.shards {
			let missing = || Error::Internal(format!("a tensor {:?} was not kept", view.dims));
			let slot = self.schedule.slots.place[shard.piece].ok_or_else(missing)?;
			for rows in self.chunks(view, shard) {
				let at = u64::from(rows.start - shard.rows.start) * view.grid.row_bytes();
				let bytes = u64::from(rows.end - rows.start) * view.grid.row_bytes();
				self.read(&self.slots[slot], at, bytes, |padded| view.grid.unpack(padded, dense))?;
			}
		}
		Ok(())
	}

	/// Hands `bytes` bytes of a buffer to `take`.
	fn read(
		&self,
		buffer: &Buffer,
		at: u64,
		bytes: u64,
		take: impl FnOnce(&[u8]),
	) -> Result<(), Error> {
		let submission = self.gpu.guarded(|| {
			let mut encoder =
				self.gpu.device.create_command_encoder(&CommandEncoderDescriptor::default());
			encoder.copy_buffer_to_buffer(buffer, at, &self.staging, 0, bytes);
			let submission = self.gpu.queue.submit([encoder.finish()]);
			// Whether it worked shows when the range is taken.
			self.staging.map_async(wgpu::MapMode::Read, 0..bytes, |_| ());
			submission
		})?;
		self.gpu.wait(submission)?;
		let mapped = self.gpu.guarded(|| self.staging.get_mapped_range(0..bytes))?;
		let mapped = mapped.map_err(|e| Error::Shader(e.to_string()))?;
		take(&mapped);
		drop(mapped);
		self.staging.unmap();
		Ok(())
	}
}

/// Tries once more without the kept weights if memory runs out: what no session uses any more may have taken the room.
fn with_room<T>(gpu: &Gpu, attempt: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
	match attempt() {
		Err(Error::OutOfMemory) if gpu.weights.clear() => attempt(),
		other => other,
	}
}

/// How many of the first dispatches go into one submission: at least one, and no more work than `limit`.
fn batch(dispatches: &[Dispatch], limit: u64) -> usize {
	let mut work = 0u64;
	let fitting = dispatches.iter().take_while(|dispatch| {
		work = work.saturating_add(dispatch.work);
		work <= limit
	});
	fitting.count().max(1)
}
