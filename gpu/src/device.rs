// SPDX-License-Identifier: Apache-2.0
//! The one place where a device is made, waited for and found dead.
//!
//! All commands are issued inside [`Gpu::guarded`], which turns the driver's complaints into errors; all waiting is done
//! by [`Gpu::wait`], which has a timeout. Nothing else talks to wgpu's device about failure.

use crate::{
	adapter::{AdapterInfo, AdapterKind},
	error::Error,
	kernels::Shader,
	passthrough,
	pipelines::Pipelines,
	tune::Tuning,
	weights::Weights,
};
use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use wgpu::{
	BindGroupLayout, BufferBindingType, ComputePipeline, ErrorFilter, PipelineLayout, PollError,
	PollType, SubmissionIndex,
};

/// How long the device may take for one submission. Submissions are bounded to about a second of work even on slow
/// adapters, so this is only ever reached by a hung driver or a machine that is starved of CPU.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A CPU adapter hands out memory that does not exist (lavapipe gave 28 GB of 23 without a complaint), and takes the
/// machine's other programs down when it is used. A GPU's driver refuses.
const CPU_MEMORY_BYTES: u64 = 4 << 30;

/// Most storage buffers that a kernel reads as operands: a, b, c and d.
pub(crate) const READS: usize = 4;
/// Where they are bound.
pub(crate) const BINDING_READS: [u32; READS] = [1, 2, 5, 6];
/// Tables and scales.
pub(crate) const BINDING_SIDE: u32 = 3;
/// The result.
pub(crate) const BINDING_OUT: u32 = 4;
/// Uniform parameters of a dispatch, at a dynamic offset.
pub(crate) const BINDING_PARAMS: u32 = 0;
/// Most bytes of one dispatch's parameters.
pub(crate) const PARAMS_BYTES: u64 = 256;

/// What the kernel for cooperative matrices needs.
const COOPERATIVE: wgpu::Features =
	wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX.union(wgpu::Features::PASSTHROUGH_SHADERS);

/// Ceilings below the adapter's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
	/// Most bytes of device memory that a plan may take. Without it, 4 GiB on a CPU adapter and no limit on others, as
	/// wgpu does not tell how much memory there is.
	pub memory_bytes: Option<u64>,
	/// Most bytes of one shard of a tensor. Without it, what the adapter can bind at once.
	pub shard_bytes: Option<u64>,
	/// Most bytes of constants that stay on the device for sessions to come. Without it, 256 MiB on a CPU adapter and
	/// 8 GiB on others; they go when memory runs out.
	pub weights_bytes: Option<u64>,
	/// How the ways to compute products are chosen.
	pub tuning: Tuning,
	/// Whether to use int8 cooperative matrices (tensor cores) where the adapter has them and they pass a test against
	/// the reference when the engine opens. Off unless asked for: their kernel goes past wgpu's checks.
	pub cooperative: bool,
	/// Whether to do without all that an adapter may have but need not.
	pub portable: bool,
}

/// What plans must keep to on this device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
	/// Most bytes of a buffer that is bound as one.
	pub shard_bytes: u64,
	/// Most bytes in all.
	pub memory_bytes: u64,
	/// Distance between the parameters of two dispatches.
	pub params_stride: u32,
	/// Multiply-accumulates of one dispatch, in tiles; others weigh more.
	pub dispatch_mac: u64,
	/// Quads (four elements) that a dispatch of anything but a product writes or reads.
	pub dispatch_quads: u32,
	/// Work of one submission: multiply-accumulates, or quads weighed as 64 of them.
	pub submit_work: u64,
	/// Whether this is a CPU in disguise.
	pub is_cpu: bool,
	/// Whether shaders may use 64-bit integers.
	pub int64: bool,
	/// Whether products may use cooperative matrices.
	pub cooperative: bool,
	/// Bytes of memory that a workgroup may have, and how many invocations.
	pub workgroup_bytes: u32,
	pub workgroup_lanes: u32,
}

impl Limits {
	fn new(device: &wgpu::Device, kind: AdapterKind, caps: &Caps) -> Self {
		let int64 = device.features().contains(wgpu::Features::SHADER_INT64);
		let cooperative = device.features().contains(COOPERATIVE);
		let device = device.limits();
		let bindable = device.max_storage_buffer_binding_size.min(device.max_buffer_size);
		let shard_bytes = caps.shard_bytes.unwrap_or(u64::MAX).min(bindable);
		// A dispatch must stay below 50 ms. Assumed of the slowest: 5 * 10^11 MAC/s of discrete GPUs, 10^11 of others, in
		// tiles; kernels that are slower a MAC weigh it accordingly. Measured: 2 * 10^9 with lavapipe on two cores.
		let (mac, quads, per_submit) = match kind {
			AdapterKind::Discrete => (1 << 34, 1 << 24, 16),
			AdapterKind::Integrated | AdapterKind::Virtual | AdapterKind::Unknown => {
				(1 << 32, 1 << 22, 16)
			},
			AdapterKind::Cpu => (1 << 26, 1 << 19, 16),
		};
		let memory = if kind == AdapterKind::Cpu { CPU_MEMORY_BYTES } else { u64::MAX };
		Self {
			shard_bytes,
			memory_bytes: caps.memory_bytes.unwrap_or(memory),
			params_stride: device.min_uniform_buffer_offset_alignment.max(PARAMS_BYTES as u32),
			dispatch_mac: mac,
			dispatch_quads: quads,
			submit_work: mac * per_submit,
			is_cpu: kind == AdapterKind::Cpu,
			int64,
			cooperative,
			workgroup_bytes: device.max_compute_workgroup_storage_size,
			workgroup_lanes: device.max_compute_invocations_per_workgroup,
		}
	}
}

/// A device with its queue and pipelines.
pub(crate) struct Gpu {
	pub device: wgpu::Device,
	pub queue: wgpu::Queue,
	pub limits: Limits,
	pub layout: BindGroupLayout,
	/// Constants of former sessions.
	pub weights: Weights,
	pipeline_layout: PipelineLayout,
	/// Compiled kernels.
	pipelines: Mutex<Pipelines>,
	/// Set once when the device dies or complains outside a scope.
	failure: Arc<Mutex<Option<Failure>>>,
}

#[derive(Clone, Debug)]
enum Failure {
	Lost(String),
	Complaint(String),
}

/// A poisoned lock only means that another thread panicked while it held plain data.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gpu {
	/// Opens the adapter's device.
	pub fn open(info: &AdapterInfo, adapter: &wgpu::Adapter, caps: &Caps) -> Result<Self, Error> {
		let offered = adapter.limits();
		// WebGPU's guaranteed limits are enough but for buffer sizes; asking for no more keeps kernels portable.
		let mut required_limits = wgpu::Limits::default().or_worse_values_from(&offered);
		required_limits.max_buffer_size = offered.max_buffer_size;
		required_limits.max_storage_buffer_binding_size = offered.max_storage_buffer_binding_size;
		// The largest tiles of products need more of it than is guaranteed, and are left out where there is no more.
		let mut required_features = wgpu::Features::empty();
		if !caps.portable {
			required_limits.max_compute_workgroup_storage_size =
				offered.max_compute_workgroup_storage_size;
			required_features |= adapter.features() & wgpu::Features::SHADER_INT64;
		}
		let mut experimental_features = wgpu::ExperimentalFeatures::disabled();
		if caps.cooperative && !caps.portable && passthrough::has_cooperative(adapter) {
			required_features |= COOPERATIVE;
			experimental_features = passthrough::experimental();
		}
		let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
			label: Some("calor"),
			required_features,
			experimental_features,
			required_limits,
			// Plans state their memory; rounding it up by allocator blocks would belie them.
			memory_hints: wgpu::MemoryHints::MemoryUsage,
			..Default::default()
		}))
		.map_err(|e| Error::NoDevice { adapter: info.name.clone(), reason: e.to_string() })?;

		let failure = Arc::new(Mutex::new(None));
		let lost = failure.clone();
		device.set_device_lost_callback(move |reason, message| {
			*lock(&lost) = Some(Failure::Lost(format!("{reason:?} {message}")));
		});
		let complaint = failure.clone();
		// The default handler panics.
		device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
			lock(&complaint).get_or_insert(Failure::Complaint(error.to_string()));
		}));

		let layout = bind_group_layout(&device);
		let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
			label: None,
			bind_group_layouts: &[Some(&layout)],
			immediate_size: 0,
		});
		let limits = Limits::new(&device, info.kind, caps);
		let pipelines = Mutex::default();
		let kept = if info.is_cpu() { 256 << 20 } else { 8 << 30 };
		let weights = Weights::new(caps.weights_bytes.unwrap_or(kept));
		Ok(Self { device, queue, limits, layout, weights, pipeline_layout, pipelines, failure })
	}

	/// The kernel's pipeline, compiled at its first use.
	pub fn pipeline(&self, shader: &Shader) -> Result<ComputePipeline, Error> {
		let name = shader.name();
		if let Some(pipeline) = lock(&self.pipelines).get(name) {
			return Ok(pipeline);
		}
		let pipeline = self.guarded(|| {
			let module = match shader {
				Shader::Cooperative(words) => passthrough::module(&self.device, name, words),
				_ => self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
					label: Some(name),
					source: wgpu::ShaderSource::Wgsl(shader.source().into()),
				}),
			};
			self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
				label: Some(name),
				layout: Some(&self.pipeline_layout),
				module: &module,
				entry_point: Some("main"),
				compilation_options: wgpu::PipelineCompilationOptions {
					// Every kernel writes its workgroup memory before it reads it.
					zero_initialize_workgroup_memory: false,
					..Default::default()
				},
				cache: None,
			})
		})?;
		lock(&self.pipelines).put(shader, pipeline.clone());
		Ok(pipeline)
	}

	/// Issues commands and returns what the driver has to say about them.
	pub fn guarded<T>(&self, commands: impl FnOnce() -> T) -> Result<T, Error> {
		let scopes = [ErrorFilter::Internal, ErrorFilter::Validation, ErrorFilter::OutOfMemory]
			.map(|filter| self.device.push_error_scope(filter));
		// wgpu panics where it finds the device dead in the middle of a call.
		let done = catch_unwind(AssertUnwindSafe(commands));
		let mut errors = Vec::new();
		for scope in scopes.into_iter().rev() {
			errors.extend(pollster::block_on(scope.pop()));
		}
		self.check()?;
		// Memory comes first: whatever was made without it is invalid and draws further complaints.
		match errors.into_iter().next() {
			Some(wgpu::Error::OutOfMemory { .. }) => Err(Error::OutOfMemory),
			Some(error) => Err(Error::Shader(error.to_string())),
			None => done.map_err(|panic| Error::DeviceLost(words(panic.as_ref()))),
		}
	}

	/// Waits until a submission is done.
	pub fn wait(&self, submission: SubmissionIndex) -> Result<(), Error> {
		let wait =
			PollType::Wait { submission_index: Some(submission), timeout: Some(ANSWER_TIMEOUT) };
		let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(wait)));
		self.check()?;
		match polled {
			Ok(Ok(_)) => Ok(()),
			Ok(Err(PollError::Timeout)) => {
				Err(Error::Timeout { seconds: ANSWER_TIMEOUT.as_secs() })
			},
			Ok(Err(error)) => Err(Error::Internal(error.to_string())),
			Err(panic) => Err(Error::DeviceLost(words(panic.as_ref()))),
		}
	}

	fn check(&self) -> Result<(), Error> {
		match lock(&self.failure).clone() {
			Some(Failure::Lost(reason)) => Err(Error::DeviceLost(reason)),
			Some(Failure::Complaint(complaint)) => Err(Error::Shader(complaint)),
			None => Ok(()),
		}
	}
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
	let text = panic.downcast_ref::<String>().map(String::as_str);
	text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("the driver panicked").into()
}

/// One layout for all kernels: those with fewer operands are given the side data in their place.
fn bind_group_layout(device: &wgpu::Device) -> BindGroupLayout {
	let entry = |binding, ty, has_dynamic_offset| wgpu::BindGroupLayoutEntry {
		binding,
		visibility: wgpu::ShaderStages::COMPUTE,
		ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None },
		count: None,
	};
	let read = BufferBindingType::Storage { read_only: true };
	device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
		label: None,
		entries: &[
			entry(BINDING_PARAMS, BufferBindingType::Uniform, true),
			entry(BINDING_READS[0], read, false),
			entry(BINDING_READS[1], read, false),
			entry(BINDING_READS[2], read, false),
			entry(BINDING_READS[3], read, false),
			entry(BINDING_SIDE, read, false),
			entry(BINDING_OUT, BufferBindingType::Storage { read_only: false }, false),
		],
	})
}
