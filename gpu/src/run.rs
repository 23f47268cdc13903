// SPDX-License-Identifier: Apache-2.0
//! One run of a plan: buffers, uploads, dispatches, downloads.
//!
//! Dispatches are encoded into few submissions, each of bounded work, so that a timeout can tell a slow device from a
//! dead one.

use crate::{
	device::{Gpu, BINDING_OUT, BINDING_PARAMS, BINDING_READS, BINDING_SIDE, PARAMS_BYTES, READS},
	error::Error,
	plan::{Plan, STAGING_BYTES},
	storage::steps,
	tape::{Dispatch, Piece, Shard, View},
};
use calor_tensor::Tensor;
use std::{collections::BTreeMap, num::NonZeroU64, ops::Range};
use wgpu::{
	BindGroup, BindGroupEntry, BindingResource, Buffer, BufferBinding, BufferDescriptor,
	BufferUsages, CommandEncoderDescriptor, SubmissionIndex,
};

/// Slots that a dispatch binds: operands and result.
type Bound = ([Option<usize>; READS], usize);

pub(crate) struct Run<'a> {
	gpu: &'a Gpu,
	plan: &'a Plan,
	slots: Vec<Buffer>,
	params: Buffer,
	side: Buffer,
	/// What results are copied to before the host reads them.
	staging: Buffer,
}

impl<'a> Run<'a> {
	/// Makes all buffers.
	pub fn allocate(gpu: &'a Gpu, plan: &'a Plan) -> Result<Self, Error> {
		let buffer = |size: u64, usage| {
			let desc = BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
			gpu.device.create_buffer(&desc)
		};
		let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
		let run = gpu.guarded(|| Self {
			gpu,
			plan,
			slots: plan.slots.iter().map(|&bytes| buffer(bytes, storage)).collect(),
			params: buffer(
				(plan.params.len() as u64).max(PARAMS_BYTES),
				BufferUsages::UNIFORM | BufferUsages::COPY_DST,
			),
			side: buffer(
				plan.side.len() as u64 * 4,
				BufferUsages::STORAGE | BufferUsages::COPY_DST,
			),
			staging: buffer(plan.staging, BufferUsages::MAP_READ | BufferUsages::COPY_DST),
		})?;
		gpu.guarded(|| {
			gpu.queue.write_buffer(&run.params, 0, &plan.params);
			gpu.queue.write_buffer(&run.side, 0, bytemuck::cast_slice(&plan.side));
		})?;
		Ok(run)
	}

	/// Brings the operands to the device, but for those that nothing reads.
	pub fn upload(&self, operands: &[Tensor]) -> Result<(), Error> {
		// Bytes that wait in host memory for the next submission.
		let mut waiting = 0;
		for (view, tensor) in self.plan.views.iter().zip(operands) {
			for shard in &view.shards {
				let Some(slot) = self.plan.place[shard.piece] else { continue };
				for rows in self.chunks(view, shard) {
					let at = u64::from(rows.start - shard.rows.start) * view.grid.row_bytes();
					let bytes = view.grid.pack(tensor, rows);
					waiting += bytes.len() as u64;
					let full = waiting >= STAGING_BYTES;
					let sent = self.gpu.guarded(|| {
						self.gpu.queue.write_buffer(&self.slots[slot], at, &bytes);
						full.then(|| self.gpu.queue.submit([]))
					})?;
					if let Some(submission) = sent {
						self.gpu.wait(submission)?;
						waiting = 0;
					}
				}
			}
		}
		Ok(())
	}

	/// A shard's rows, as many at once as the staging buffer takes.
	fn chunks(&self, view: &View, shard: &Shard) -> impl Iterator<Item = Range<u32>> {
		let rows = self.plan.staging / view.grid.row_bytes();
		steps(shard.rows.clone(), u32::try_from(rows).unwrap_or(u32::MAX))
	}

	/// Computes a range of operations.
	pub fn compute(&self, ops: Range<usize>) -> Result<(), Error> {
		let spans = &self.plan.ops[ops];
		let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(()) };
		let dispatches = &self.plan.dispatches[first.start..last.end];
		// Compiling is not counted against the device's time to answer.
		let mut pipelines = BTreeMap::new();
		for dispatch in dispatches {
			let shader = &dispatch.shader;
			if !pipelines.contains_key(shader.name()) {
				pipelines.insert(shader.name(), self.gpu.pipeline(shader)?);
			}
		}
		let mut groups = BTreeMap::new();
		let mut submissions = Vec::new();
		let mut rest = dispatches;
		while !rest.is_empty() {
			let (now, later) = rest.split_at(batch(rest, self.plan.limits.submit_work));
			rest = later;
			submissions.push(self.gpu.guarded(|| self.submit(now, &pipelines, &mut groups))?);
		}
		submissions.into_iter().try_for_each(|submission| self.gpu.wait(submission))
	}

	fn submit(
		&self,
		dispatches: &[Dispatch],
		pipelines: &BTreeMap<&str, wgpu::ComputePipeline>,
		groups: &mut BTreeMap<Bound, BindGroup>,
	) -> SubmissionIndex {
		let mut encoder =
			self.gpu.device.create_command_encoder(&CommandEncoderDescriptor::default());
		let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
		for dispatch in dispatches {
			let slot = |piece: Piece| self.plan.place[piece];
			let reads = dispatch.reads.map(|read| read.and_then(slot));
			// What is written is never unplaced: its own operation needs it.
			let Some(result) = slot(dispatch.write) else { continue };
			let bound = (reads, result);
			let group = groups.entry(bound).or_insert_with(|| self.bind(bound));
			let [x, y, z] = dispatch.groups;
			pass.set_pipeline(&pipelines[dispatch.shader.name()]);
			pass.set_bind_group(0, &*group, &[dispatch.params]);
			pass.dispatch_workgroups(x, y, z);
		}
		drop(pass);
		self.gpu.queue.submit([encoder.finish()])
	}

	fn bind(&self, (reads, result): Bound) -> BindGroup {
		let read = |slot: Option<usize>| slot.map_or(&self.side, |slot| &self.slots[slot]);
		let entry = |binding, buffer, size| BindGroupEntry {
			binding,
			resource: BindingResource::Buffer(BufferBinding { buffer, offset: 0, size }),
		};
		let entries = [
			entry(BINDING_PARAMS, &self.params, NonZeroU64::new(PARAMS_BYTES)),
			entry(BINDING_READS[0], read(reads[0]), None),
			entry(BINDING_READS[1], read(reads[1]), None),
			entry(BINDING_READS[2], read(reads[2]), None),
			entry(BINDING_READS[3], read(reads[3]), None),
			entry(BINDING_SIDE, &self.side, None),
			entry(BINDING_OUT, &self.slots[result], None),
		];
		self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
			label: None,
			layout: &self.gpu.layout,
			entries: &entries,
		})
	}

	/// Brings a tensor back to the host.
	pub fn download(&self, id: usize) -> Result<Tensor, Error> {
		let view = self.view(id)?;
		let (ty, _) = &self.plan.program.tensors()[id];
		let mut dense = Vec::with_capacity(ty.bytes() as usize);
		for shard in &view.shards {
			let missing = || Error::Internal(format!("tensor {id} was not kept"));
			let slot = self.plan.place[shard.piece].ok_or_else(missing)?;
			for rows in self.chunks(view, shard) {
				let at = u64::from(rows.start - shard.rows.start) * view.grid.row_bytes();
				let bytes = u64::from(rows.end - rows.start) * view.grid.row_bytes();
				self.read(&self.slots[slot], at, bytes, |padded| {
					view.grid.unpack(padded, &mut dense)
				})?;
			}
		}
		Ok(Tensor::from_bytes(ty.clone(), &dense)?)
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

	fn view(&self, id: usize) -> Result<&'a View, Error> {
		self.plan.views.get(id).ok_or_else(|| Error::Internal(format!("no tensor {id}")))
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
