// SPDX-License-Identifier: Apache-2.0
//! What goes past wgpu: cooperative matrices of 8-bit integers.
//!
//! wgpu enables VK_KHR_cooperative_matrix, the Vulkan memory model and 8-bit integers in shaders, but its shading language
//! has cooperative matrices of floating point only, and it does not tell of configurations for others. So this asks the
//! driver, and hands it SPIR-V of our own. All `unsafe` of this crate is here.

#![allow(unsafe_code, reason = "wgpu's ways past its checks are unsafe functions")]

use crate::kernels::coop::{LANES, STAGED_BYTES, SUBGROUP};
use ash::vk;
use std::{borrow::Cow, sync::Arc};

/// Whether the adapter multiplies blocks of 16 x 16 x 32 of i8 into i32, by subgroups of 32.
pub(crate) fn has_cooperative(adapter: &wgpu::Adapter) -> bool {
	let (info, limits) = (adapter.get_info(), adapter.limits());
	let wanted = wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX
		| wgpu::Features::PASSTHROUGH_SHADERS
		| wgpu::Features::SUBGROUP;
	adapter.features().contains(wanted)
		&& info.subgroup_min_size == SUBGROUP
		&& info.subgroup_max_size == SUBGROUP
		&& limits.max_compute_workgroup_storage_size >= STAGED_BYTES
		&& limits.max_compute_invocations_per_workgroup >= LANES
		&& offers_blocks(adapter)
}

fn offers_blocks(adapter: &wgpu::Adapter) -> bool {
	// SAFETY: the adapter is only asked, and lives as long as the guard; nothing is destroyed through the handles.
	let Some(vulkan) = (unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }) else {
		return false;
	};
	let instance = vulkan.shared_instance();
	let entry = instance.entry();
	let extension = ash::khr::cooperative_matrix::Instance::new(entry, instance.raw_instance());
	let device = vulkan.raw_physical_device();
	// SAFETY: the adapter offers EXPERIMENTAL_COOPERATIVE_MATRIX, which wgpu only finds by this same query on this same
	// physical device, so the function is there.
	let found = unsafe { extension.get_physical_device_cooperative_matrix_properties(device) };
	found.is_ok_and(|found| found.iter().any(is_ours))
}

fn is_ours(blocks: &vk::CooperativeMatrixPropertiesKHR) -> bool {
	(blocks.m_size, blocks.n_size, blocks.k_size) == (16, 16, 32)
		&& blocks.a_type == vk::ComponentTypeKHR::SINT8
		&& blocks.b_type == vk::ComponentTypeKHR::SINT8
		&& blocks.c_type == vk::ComponentTypeKHR::SINT32
		&& blocks.result_type == vk::ComponentTypeKHR::SINT32
		&& blocks.scope == vk::ScopeKHR::SUBGROUP
}

/// Leave to use wgpu's experimental features.
pub(crate) fn experimental() -> wgpu::ExperimentalFeatures {
	// SAFETY: the only one that is used is that of cooperative matrices, of which wgpu does no more than enable the
	// extension; no shader of its own language uses it.
	unsafe { wgpu::ExperimentalFeatures::enabled() }
}

/// A shader module of the kernel for cooperative matrices.
pub(crate) fn module(
	device: &wgpu::Device,
	name: &str,
	words: &Arc<Vec<u32>>,
) -> wgpu::ShaderModule {
	let entry = wgpu::PassthroughShaderEntryPoint {
		name: Cow::Borrowed("main"),
		workgroup_size: (LANES, 1, 1),
	};
	// SAFETY: the words are `coop::assemble`'s, which declares the bindings of the crate's one layout, keeps all accesses
	// within the rows and columns that its parameters name, and uses what `has_cooperative` found. A device that was
	// opened without it refuses the module.
	unsafe {
		device.create_shader_module_passthrough(wgpu::ShaderModuleDescriptorPassthrough {
			label: Some(name),
			entry_points: Cow::Borrowed(&[entry]),
			spirv: Some(Cow::Borrowed(words.as_slice())),
			..Default::default()
		})
	}
}
